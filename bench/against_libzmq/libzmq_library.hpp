// libzmq, as the scenarios use it: its plain C interface, and nothing of Ferry.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <zmq.h>

#include "bench/against_libzmq/handshake_counter.hpp"

#include "bench/support/arguments.hpp"

namespace bench
{

struct libzmq_library
{
    static constexpr const char* name = "libzmq";

    static std::string version()
    {
        int major = 0;
        int minor = 0;
        int patch = 0;
        zmq_version(&major, &minor, &patch);
        return std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
    }

    class context
    {
    public:
        explicit context(const arguments& a) : context_(zmq_ctx_new())
        {
            if (a.tuned)
                check_zmq(zmq_ctx_set(context_, ZMQ_IO_THREADS, tuning{}.io_threads), "io threads");
        }
        ~context() { zmq_ctx_term(context_); }
        context(const context&) = delete;
        context& operator=(const context&) = delete;

        void* get() noexcept { return context_; }

    private:
        void* context_;
    };

    /// A publisher is an XPUB: the same code as PUB, but it can see when subscribers are there.
    class socket
    {
    public:
        socket(context& owner, socket_kind kind, const arguments& a)
            : socket_(zmq_socket(owner.get(), type_of(kind)))
        {
            check_zmq(socket_ == nullptr ? -1 : 0, "socket");
            zmq_msg_init(&received_);
            if (a.tuned)
                tune(tuning::for_size(a.size));
            prepare(kind);
            if (a.counts_peers)
            {
                set(ZMQ_BACKLOG, connection_backlog);
                handshakes_.emplace(owner.get(), socket_);
            }
        }
        ~socket()
        {
            handshakes_.reset();
            zmq_close(socket_);
            zmq_msg_close(&received_);
        }
        socket(const socket&) = delete;
        socket& operator=(const socket&) = delete;

        std::string bind(const std::string& endpoint)
        {
            check_zmq(zmq_bind(socket_, endpoint.c_str()), "bind");
            std::array<char, 512> bound{};
            std::size_t length = bound.size();
            check_zmq(
                zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &length), "endpoint");
            return bound.data();
        }
        void connect(const std::string& endpoint)
        {
            check_zmq(zmq_connect(socket_, endpoint.c_str()), "connect");
        }
        void subscribe(const std::string& topic)
        {
            check_zmq(
                zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, topic.data(), topic.size()), "subscribe");
        }
        void wait_for_peers(std::size_t count) { handshakes_.value().wait_for(count); }
        void wait_for_subscribers(std::size_t count)
        {
            for (std::size_t i = 0; i < count; ++i)
                receive();
        }
        void wait_for_topics(const std::vector<std::string>& topics)
        {
            wait_for_subscribers(topics.size());
        }

        void send(std::span<const std::byte> body)
        {
            check_zmq(zmq_send(socket_, body.data(), body.size(), 0), "send");
        }
        std::size_t receive()
        {
            check_zmq(zmq_msg_recv(&received_, socket_, 0), "receive");
            return zmq_msg_size(&received_);
        }
        std::size_t receive_into(std::span<std::byte> room)
        {
            const std::size_t size = receive();
            std::memcpy(room.data(), zmq_msg_data(&received_), std::min(size, room.size()));
            return size;
        }
        void flush() noexcept {}
        void echo()
        {
            bool more = true;
            while (more)
            {
                receive();
                more = zmq_msg_more(&received_) != 0;
                check_zmq(zmq_msg_send(&received_, socket_, more ? ZMQ_SNDMORE : 0), "send");
            }
        }

        void end_after(std::chrono::milliseconds silence)
        {
            set(ZMQ_RCVTIMEO, static_cast<int>(silence.count()));
        }
        std::optional<std::size_t> receive_or_end()
        {
            if (zmq_msg_recv(&received_, socket_, 0) < 0 && zmq_errno() == EAGAIN)
                return std::nullopt;
            return zmq_msg_size(&received_);
        }

    private:
        static int type_of(socket_kind kind);

        void set(int option, int value)
        {
            check_zmq(zmq_setsockopt(socket_, option, &value, sizeof(value)), "option");
        }
        void prepare(socket_kind kind)
        {
            if (kind == socket_kind::pub)
            {
                set(ZMQ_XPUB_VERBOSE, 1);  // every subscription is seen
                set(ZMQ_XPUB_NODROP, 1);
            }
            if (kind == socket_kind::sub)
                set(ZMQ_SNDHWM, 0);  // only subscriptions wait there, and beyond it they are lost
            if (kind == socket_kind::router)
                set(ZMQ_ROUTER_MANDATORY, 1);  // waits rather than drops
        }
        void tune(const tuning& t)
        {
            set(ZMQ_SNDHWM, t.high_water_mark);
            set(ZMQ_RCVHWM, t.high_water_mark);
            set(ZMQ_SNDBUF, t.buffer_octets);
            set(ZMQ_RCVBUF, t.buffer_octets);
        }

        void* socket_;
        zmq_msg_t received_;
        std::optional<handshake_counter> handshakes_;
    };
};

inline int libzmq_library::socket::type_of(socket_kind kind)
{
    switch (kind)
    {
    case socket_kind::push: return ZMQ_PUSH;
    case socket_kind::pull: return ZMQ_PULL;
    case socket_kind::req: return ZMQ_REQ;
    case socket_kind::rep: return ZMQ_REP;
    case socket_kind::dealer: return ZMQ_DEALER;
    case socket_kind::router: return ZMQ_ROUTER;
    case socket_kind::pub: return ZMQ_XPUB;
    case socket_kind::sub: return ZMQ_SUB;
    }
    return -1;
}

}  // namespace bench
