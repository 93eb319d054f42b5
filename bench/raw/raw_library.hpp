// Bare sockets in the place of a library: what the machine could do with this work.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
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
        [[nodiscard]] std::size_t peers() const noexcept { return peers_; }

    private:
        std::size_t peers_;
    };

    /// Throughput is sent in batches, to one peer after the other where work is spread; of many
    /// requests in flight a batch goes out before waiting for more; a single one at once.
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
        void wait_for_peers(std::size_t count) { wait_for_subscribers(count); }
        void wait_for_topics(const std::vector<std::string>& topics);
        void subscribe(const std::string&) noexcept {}

        void send(std::span<const std::byte> body)
        {
            if (spreads_)
                take_turns();
            writer_.add(body, targets());
            if (sends_at_once_)
                writer_.flush(fds_);
        }

        std::size_t receive() { return next_body().size(); }
        std::size_t receive_into(std::span<std::byte> room)
        {
            const auto body = next_body();
            std::copy_n(body.begin(), std::min(body.size(), room.size()), room.begin());
            return body.size();
        }
        void echo() { send(next_body()); }
        void flush() { writer_.flush(targets()); }

        void end_after(std::chrono::milliseconds silence);
        std::optional<std::size_t> receive_or_end()
        {
            if (readers_[current_].is_empty() && !readers_[current_].fill())
                return std::nullopt;
            return receive();
        }

    private:
        std::span<const std::byte> next_body()
        {
            if (readers_.size() != 1)
                choose_reader();
            if (flushes_before_waiting_ && readers_[current_].is_empty())
                writer_.flush(fds_);
            return readers_[current_].next();
        }
        void add_stream(descriptor connected);
        void take_turns();
        [[nodiscard]] std::span<const int> targets() const noexcept
        {
            return spreads_ ? std::span(fds_).subspan(turn_, 1) : std::span(fds_);
        }
        void choose_reader();
        void forget_reader(std::size_t index);

        std::size_t peers_;
        bool sends_at_once_;
        bool flushes_before_waiting_;
        bool spreads_;
        int buffer_octets_;
        listener listener_;
        std::vector<descriptor> streams_;
        std::vector<int> fds_;  // of the streams
        std::vector<stream_reader> readers_;
        std::size_t current_ = 0;
        std::size_t turn_ = 0;  // of the stream that a batch is being made for
        batch_writer writer_;
    };
};

}  // namespace bench
