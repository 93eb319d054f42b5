// Bare sockets in the place of a library: what the machine could do with this work.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "bench/raw/address.hpp"
#include "bench/raw/stream.hpp"
#include "bench/support/arguments.hpp"

namespace bench
{

struct raw_library
{
    static constexpr const char* name = "raw";
    static std::string version() { return "sockets"; }

    class context
    {
    public:
        explicit context(const arguments& a) : peers_(a.peers) {}
        /// Nothing is left to do: writing blocks until the system has everything.
        void finish() noexcept {}
        [[nodiscard]] std::size_t peers() const noexcept { return peers_; }

    private:
        std::size_t peers_;
    };

    /// Throughput is sent in batches; a request or a reply at once.
    class socket
    {
    public:
        socket(context& owner, socket_kind kind, const arguments& a);
        ~socket();
        socket(const socket&) = delete;
        socket& operator=(const socket&) = delete;

        std::string bind(const std::string& endpoint);
        void connect(const std::string& endpoint);
        /// Accepts that many peers; a connection is a subscription here.
        void wait_for_subscribers(std::size_t count);
        void close();

        void send(std::span<const std::byte> body)
        {
            writer_.add(body, fds_);
            if (sends_at_once_)
                writer_.flush(fds_);
        }

        std::size_t receive()
        {
            if (readers_.size() != 1)
                choose_reader();
            return readers_[current_].next();
        }

        void echo()
        {
            reply_.resize(receive());
            send(reply_);
        }

    private:
        void add_stream(descriptor connected);
        void choose_reader();
        void forget_reader(std::size_t index);

        std::size_t peers_;
        bool sends_at_once_;
        int buffer_octets_;
        listener listener_;
        std::vector<descriptor> streams_;
        std::vector<int> fds_;  // of the streams
        std::vector<stream_reader> readers_;
        std::size_t current_ = 0;
        batch_writer writer_;
        std::vector<std::byte> reply_;
    };
};

}  // namespace bench
