// One face for a Ferry socket and a libzmq socket, so that a conversation is written once.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <zmq.hpp>

#include <ferry/ferry.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/places.hpp"

namespace ferry::test
{

using namespace std::chrono_literals;

using frames = std::vector<std::string>;

/// What a test may want of either library.
struct speaker_options
{
    std::string routing_id;
    bool mandatory = false;  ///< ROUTER
    bool probe = false;
    std::chrono::milliseconds heartbeat_interval{0};
    std::chrono::milliseconds heartbeat_timeout{-1};
    std::chrono::milliseconds heartbeat_ttl{0};
};

class speaker
{
public:
    virtual ~speaker() = default;

    /// Returns the endpoint really bound.
    virtual std::string bind(const std::string& endpoint) = 0;
    virtual void connect(const std::string& endpoint) = 0;
    /// False when there is no room, or no route yet.
    virtual bool try_send(const frames& parts) = 0;
    virtual std::optional<frames> receive_for(std::chrono::milliseconds timeout) = 0;
    virtual void subscribe(const std::string& topic) = 0;
    virtual void unsubscribe(const std::string& topic) = 0;
    /// Lets the library do what it does only inside its application's calls (libzmq: attaching
    /// new peers, and all that goes with it).
    virtual void attend() = 0;
};

class ferry_speaker : public speaker
{
public:
    ferry_speaker(context& owner, socket_type type, const speaker_options& options = {})
        : socket_(owner, type,
              {.linger = 0ms,
                  .routing_id = options.routing_id,
                  .router_mandatory = options.mandatory,
                  .probe_router = options.probe,
                  .reconnect_interval = 10ms,
                  .heartbeat_interval = options.heartbeat_interval,
                  .heartbeat_timeout = options.heartbeat_timeout,
                  .heartbeat_ttl = options.heartbeat_ttl})
    {
    }

    std::string bind(const std::string& endpoint) override { return socket_.bind(endpoint); }
    void connect(const std::string& endpoint) override { socket_.connect(endpoint); }
    bool try_send(const frames& parts) override
    {
        message m;
        for (const std::string& part : parts)
            m.append(part);
        std::error_code error;
        const bool sent = socket_.send_for(std::move(m), 0ms, error);
        if (error && error != errc::no_route)
            throw ferry::error(error, "send");
        return sent;
    }
    std::optional<frames> receive_for(std::chrono::milliseconds timeout) override
    {
        const std::optional<message> m = socket_.receive_for(timeout);
        if (!m)
            return std::nullopt;
        frames parts;
        for (const frame_view part : *m)
            parts.push_back(part.string());
        return parts;
    }
    void subscribe(const std::string& topic) override { socket_.subscribe(topic); }
    void unsubscribe(const std::string& topic) override { socket_.unsubscribe(topic); }
    void attend() override {}

    [[nodiscard]] ferry::socket& socket() { return socket_; }

private:
    ferry::socket socket_;
};

class zmq_speaker : public speaker
{
public:
    zmq_speaker(zmq::context_t& owner, socket_type type, const speaker_options& options = {})
        : socket_(owner, static_cast<zmq::socket_type>(type))
    {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::reconnect_ivl, 10);
        if (!options.routing_id.empty())
            socket_.set(zmq::sockopt::routing_id, options.routing_id);
        if (options.mandatory)
            socket_.set(zmq::sockopt::router_mandatory, true);
        if (options.probe)
            socket_.set(zmq::sockopt::probe_router, true);
        const auto milliseconds = [](std::chrono::milliseconds m) {
            return static_cast<int>(m.count());
        };
        socket_.set(zmq::sockopt::heartbeat_ivl, milliseconds(options.heartbeat_interval));
        socket_.set(zmq::sockopt::heartbeat_ttl, milliseconds(options.heartbeat_ttl));
        if (options.heartbeat_timeout >= 0ms)
            socket_.set(zmq::sockopt::heartbeat_timeout, milliseconds(options.heartbeat_timeout));
    }

    std::string bind(const std::string& endpoint) override
    {
        socket_.bind(endpoint);
        return socket_.get(zmq::sockopt::last_endpoint);
    }
    void connect(const std::string& endpoint) override { socket_.connect(endpoint); }
    bool try_send(const frames& parts) override
    {
        for (std::size_t i = 0; i < parts.size(); ++i)
        {
            const auto more =
                i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
            try
            {
                if (!socket_.send(zmq::buffer(parts[i]), zmq::send_flags::dontwait | more))
                    return false;
            }
            catch (const zmq::error_t& failure)
            {
                if (failure.num() != EHOSTUNREACH)
                    throw;
                return false;
            }
        }
        return true;
    }
    std::optional<frames> receive_for(std::chrono::milliseconds timeout) override
    {
        socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(timeout.count()));
        frames parts;
        for (zmq::message_t part; parts.empty() || socket_.get(zmq::sockopt::rcvmore);)
        {
            if (!socket_.recv(part))
                return std::nullopt;
            parts.push_back(part.to_string());
        }
        return parts;
    }
    void subscribe(const std::string& topic) override
    {
        socket_.set(zmq::sockopt::subscribe, topic);
    }
    void unsubscribe(const std::string& topic) override
    {
        socket_.set(zmq::sockopt::unsubscribe, topic);
    }
    void attend() override
    {
        zmq::pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
        zmq::poll(&item, 1, 1ms);
    }

    [[nodiscard]] zmq::socket_t& socket() { return socket_; }

private:
    zmq::socket_t socket_;
};

/// Repeats `attempt` until it yields something; both libraries are kept going meanwhile.
template <class Attempt>
auto patiently(speaker& one, speaker& other, const char* what, Attempt attempt)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;)
    {
        if (auto result = attempt())
            return result;
        one.attend();
        other.attend();
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error(std::string("in vain: ") + what);
    }
}

inline frames take(speaker& from, speaker& other)
{
    return *patiently(from, other, "receiving", [&] { return from.receive_for(2ms); });
}

inline void give(speaker& to, speaker& other, const frames& parts)
{
    patiently(to, other, "sending", [&] { return to.try_send(parts); });
}

/// Both libraries in this process, with sockets of one type each, joined over a transport.
class encounter
{
public:
    encounter(socket_type ferry_type, socket_type zmq_type,
        const speaker_options& ferry_options = {}, const speaker_options& zmq_options = {})
        : here(context_, ferry_type, ferry_options), there(zmq_context_, zmq_type, zmq_options)
    {
    }

    void join(bool ferry_binds, std::string_view transport)
    {
        place_ = std::make_unique<place>(transport);
        speaker& binding = ferry_binds ? static_cast<speaker&>(here) : there;
        speaker& connecting = ferry_binds ? static_cast<speaker&>(there) : here;
        connecting.connect(binding.bind(place_->endpoint()));
    }

private:
    context context_;
    zmq::context_t zmq_context_;
    std::unique_ptr<place> place_;

public:
    ferry_speaker here;
    zmq_speaker there;
};

}  // namespace ferry::test
