// A pattern with n fake peers: pipes whose other end the test holds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ferry/detail/message_access.hpp>

#include "patterns/pattern.hpp"

namespace ferry::test
{

using detail::message_access;
using detail::message_role;
using patterns::drop_reason;
using patterns::outcome;
using patterns::pattern_options;

/// How a fake peer presents itself.
struct peer_setup
{
    std::string routing_id = {};
    std::string connect_routing_id = {};
    socket_type type = socket_type::pair;
    bool initiated_here = false;
    bool raw = false;
    bool connected = true;           ///< else attached only
    std::size_t to_peer_hwm = 1000;  ///< what the pattern may have unread at the peer
    std::size_t from_peer_hwm = 1000;
    bool conflate = false;
};

/// The far end of a pipe, and what was noticed there.
class fake_peer
{
public:
    fake_peer(const peer_setup& setup, patterns::wake_list& wakes) : setup_(setup), wakes_(wakes)
    {
        const auto pair = patterns::make_pipe({.a_to_b_hwm = setup.to_peer_hwm,
            .b_to_a_hwm = setup.from_peer_hwm,
            .conflate = setup.conflate});
        near_ = pair.a;
        far_ = pair.b;
    }

    [[nodiscard]] patterns::pipe_end& near() const { return *near_; }
    [[nodiscard]] patterns::pipe_end& far() const { return *far_; }
    [[nodiscard]] const std::shared_ptr<patterns::pipe_end>& near_shared() const { return near_; }
    [[nodiscard]] patterns::peer_info info() const { return {setup_.routing_id, setup_.type}; }

    /// Sends whatever the high-water mark says.
    void send(message m) { far_->send(std::move(m), wakes_); }
    void subscribe(std::string_view topic)
    {
        send(message_access::subscription(message_role::subscribe, topic));
    }
    void cancel(std::string_view topic)
    {
        send(message_access::subscription(message_role::cancel, topic));
    }
    void close() { far_->close(wakes_); }

    /// The next data message; records are passed over.
    [[nodiscard]] std::optional<message> receive()
    {
        message m;
        while (far_->read(m, wakes_))
            if (message_access::role(m) == message_role::data)
                return m;
        return std::nullopt;
    }
    [[nodiscard]] std::vector<message> receive_all()
    {
        std::vector<message> all;
        while (auto m = receive())
            all.push_back(std::move(*m));
        return all;
    }
    /// Subscription records as text: "+topic" or "-topic"; data messages are passed over.
    [[nodiscard]] std::vector<std::string> records()
    {
        std::vector<std::string> all;
        message m;
        while (far_->read(m, wakes_))
            if (message_access::role(m) != message_role::data)
                all.push_back((message_access::role(m) == message_role::subscribe ? "+" : "-") +
                    m.front().string());
        return all;
    }

private:
    peer_setup setup_;
    patterns::wake_list& wakes_;
    std::shared_ptr<patterns::pipe_end> near_;
    std::shared_ptr<patterns::pipe_end> far_;
};

/// Stands in for the socket: hands wake-ups on to the pattern. Everything on one thread; after
/// each step of the test, settle() does what is due.
class pattern_rig
{
public:
    explicit pattern_rig(socket_type type, const pattern_options& options = {})
        : pattern_(patterns::make_pattern(type, options, results)),
          owner_(std::make_shared<owner>(*pattern_))
    {
    }

    [[nodiscard]] patterns::pattern& operator*() const { return *pattern_; }
    [[nodiscard]] patterns::pattern* operator->() const { return pattern_.get(); }

    /// The n-th peer, attached and, unless told otherwise, connected.
    fake_peer& add_peer(const peer_setup& setup = {})
    {
        peers_.push_back(std::make_unique<fake_peer>(setup, results.wakes));
        fake_peer& peer = *peers_.back();
        peer.near().set_owner(owner_);
        pattern_->attach(
            peer.near_shared(), {setup.initiated_here, setup.connect_routing_id, setup.raw});
        if (setup.connected)
            connect(peer);
        return peer;
    }
    void connect(fake_peer& peer)
    {
        pattern_->connected(peer.near(), peer.info());
        settle();
    }
    void disconnect(fake_peer& peer)
    {
        settle();
        pattern_->disconnected(peer.near());
        settle();
    }
    void detach(fake_peer& peer)
    {
        pattern_->detach(peer.near());
        settle();
    }
    void close(fake_peer& peer)
    {
        peer.close();
        settle();
    }
    void settle()
    {
        while (!results.wakes.empty())
        {
            patterns::wake_list due;
            due.swap(results.wakes);
            due.run();
        }
    }

    [[nodiscard]] outcome send(message m)
    {
        settle();
        const outcome what = pattern_->send(m);
        settle();
        return what;
    }
    [[nodiscard]] std::optional<message> receive()
    {
        settle();
        message m;
        const outcome what = pattern_->receive(m);
        settle();
        return what.is_done() ? std::optional(std::move(m)) : std::nullopt;
    }
    [[nodiscard]] bool can_send()
    {
        settle();
        return pattern_->can_send();
    }
    [[nodiscard]] bool can_receive()
    {
        settle();
        return pattern_->can_receive();
    }
    [[nodiscard]] std::error_code receive_error()
    {
        message m;
        return pattern_->receive(m).code;
    }
    [[nodiscard]] std::uint64_t drops(drop_reason why) const
    {
        return results.drops[static_cast<std::size_t>(why)];
    }
    [[nodiscard]] std::uint64_t all_drops() const
    {
        std::uint64_t sum = 0;
        for (const std::uint64_t count : results.drops)
            sum += count;
        return sum;
    }
    [[nodiscard]] bool was_refused(const fake_peer& peer) const
    {
        return holds(results.refused, peer);
    }
    [[nodiscard]] bool is_finished(const fake_peer& peer) const
    {
        return holds(results.finished, peer);
    }

    patterns::effects results;
    std::size_t writable_count() const { return owner_->writable_count; }

private:
    struct owner final : patterns::pipe_owner
    {
        explicit owner(patterns::pattern& to) : pattern(to) {}
        void on_readable(patterns::pipe_end& end) noexcept override { pattern.readable(end); }
        void on_writable(patterns::pipe_end& end) noexcept override
        {
            ++writable_count;
            pattern.writable(end);
        }
        void on_peer_closed(patterns::pipe_end& end) noexcept override { pattern.peer_closed(end); }
        void finish_writing(patterns::pipe_end&) noexcept override {}

        patterns::pattern& pattern;
        std::size_t writable_count = 0;
    };

    [[nodiscard]] static bool holds(
        const std::vector<std::shared_ptr<patterns::pipe_end>>& list, const fake_peer& peer)
    {
        return std::count(list.begin(), list.end(), peer.near_shared()) == 1;
    }

    std::unique_ptr<patterns::pattern> pattern_;
    std::shared_ptr<owner> owner_;
    std::vector<std::unique_ptr<fake_peer>> peers_;
};

}  // namespace ferry::test
