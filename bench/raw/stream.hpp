// Length-prefixed messages on one bare stream: four octets of length, then the body.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <sys/uio.h>
#include <unistd.h>

#include "bench/raw/address.hpp"

namespace bench
{

constexpr std::size_t batch_octets = 64 * 1024;
using length_prefix = std::uint32_t;  // in the machine's order; both ends are on one machine

/// Blocking reads of up to 64 KiB. A message is there when it is there as a whole, in one piece.
class stream_reader
{
public:
    explicit stream_reader(int fd) : fd_(fd), buffer_(batch_octets) {}

    /// The next body. Valid until the next call.
    [[nodiscard]] std::span<const std::byte> next()
    {
        while (end_ - begin_ < sizeof(length_prefix))
            expect(fill());
        length_prefix size = 0;
        std::memcpy(&size, buffer_.data() + begin_, sizeof(size));
        if (sizeof(size) + size > buffer_.size())
            return next_large(size);
        while (end_ - begin_ < sizeof(size) + size)
            expect(fill());
        const std::span body(buffer_.data() + begin_ + sizeof(size), size);
        begin_ += sizeof(size) + size;
        return body;
    }

    [[nodiscard]] bool is_empty() const noexcept { return begin_ == end_; }
    [[nodiscard]] int fd() const noexcept { return fd_; }

    /// Reads once. False at the stream's end, and when nothing came in the time set for that.
    [[nodiscard]] bool fill()
    {
        const std::size_t kept = end_ - begin_;
        if (begin_ > 0)
            std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
        begin_ = 0;
        end_ = kept + read_some(std::span(buffer_).subspan(kept));
        return end_ > kept;
    }

private:
    // What does not fit into the buffer is read to where it shall be.
    std::span<const std::byte> next_large(std::size_t size)
    {
        large_.resize(std::max(large_.size(), size));
        begin_ += sizeof(length_prefix);
        std::size_t have = end_ - begin_;
        std::memcpy(large_.data(), buffer_.data() + begin_, have);
        begin_ = end_ = 0;
        while (have < size)
        {
            const std::size_t n = read_some(std::span(large_).subspan(have, size - have));
            expect(n > 0);
            have += n;
        }
        return std::span(large_).first(size);
    }

    std::size_t read_some(std::span<std::byte> room)
    {
        const auto n = ::read(fd_, room.data(), room.size());
        if (n < 0 && errno != EAGAIN)
            throw_errno("read");
        return n < 0 ? 0 : static_cast<std::size_t>(n);
    }

    static void expect(bool more)
    {
        if (!more)
            throw std::runtime_error("the peer closed the connection");
    }

    int fd_;
    std::vector<std::byte> buffer_;
    std::vector<std::byte> large_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

/// Collects messages into batches of up to 64 KiB; larger ones are written from where they lie.
class batch_writer
{
public:
    batch_writer() { batch_.reserve(batch_octets); }

    /// Adds one message and writes, to every one of `fds`, what does not fit any more.
    void add(std::span<const std::byte> body, std::span<const int> fds)
    {
        const std::size_t needed = sizeof(length_prefix) + body.size();
        if (batch_.size() + needed > batch_octets)
            flush(fds);
        const auto size = static_cast<length_prefix>(body.size());
        const auto* const prefix = reinterpret_cast<const std::byte*>(&size);
        if (needed > batch_octets)
        {
            for (const int fd : fds)
                write_all(fd, {prefix, sizeof(size)}, body);
            return;
        }
        batch_.insert(batch_.end(), prefix, prefix + sizeof(size));
        batch_.insert(batch_.end(), body.begin(), body.end());
    }

    /// Octets that wait to be written.
    [[nodiscard]] std::size_t size() const noexcept { return batch_.size(); }

    void flush(std::span<const int> fds)
    {
        for (const int fd : fds)
            write_all(fd, {}, batch_);
        batch_.clear();
    }

private:
    static void write_all(
        int fd, std::span<const std::byte> prefix, std::span<const std::byte> body)
    {
        while (!prefix.empty() || !body.empty())
        {
            const iovec parts[2]{{const_cast<std::byte*>(prefix.data()), prefix.size()},
                {const_cast<std::byte*>(body.data()), body.size()}};
            const auto n = ::writev(fd, parts, 2);
            if (n < 0)
                throw_errno("write");
            const auto written = static_cast<std::size_t>(n);
            const auto of_prefix = std::min(written, prefix.size());
            prefix = prefix.subspan(of_prefix);
            body = body.subspan(written - of_prefix);
        }
    }

    std::vector<std::byte> batch_;
};

}  // namespace bench
