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

/// Blocking reads of up to 64 KiB; bodies are counted and not looked at.
class stream_reader
{
public:
    explicit stream_reader(int fd) : fd_(fd), buffer_(batch_octets) {}

    /// The size of the next body. Its start goes into `room`, which is smaller than the buffer.
    [[nodiscard]] std::size_t next(std::span<std::byte> room = {})
    {
        while (end_ - begin_ < sizeof(length_prefix))
            expect_more();
        length_prefix size = 0;
        std::memcpy(&size, buffer_.data() + begin_, sizeof(size));
        begin_ += sizeof(size);
        const std::size_t wanted = std::min<std::size_t>(size, room.size());
        while (end_ - begin_ < wanted)
            expect_more();
        if (wanted > 0)
            std::memcpy(room.data(), buffer_.data() + begin_, wanted);
        skip(size);
        return size;
    }

    [[nodiscard]] bool is_empty() const noexcept { return begin_ == end_; }
    [[nodiscard]] int fd() const noexcept { return fd_; }

    /// Reads once. False at the stream's end, and when nothing came in the time set for that.
    [[nodiscard]] bool fill()
    {
        const std::size_t kept = end_ - begin_;
        std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
        const auto n = ::read(fd_, buffer_.data() + kept, buffer_.size() - kept);
        if (n < 0 && errno != EAGAIN)
            throw_errno("read");
        begin_ = 0;
        end_ = kept + static_cast<std::size_t>(std::max<decltype(n)>(n, 0));
        return n > 0;
    }

private:
    void skip(std::size_t left)
    {
        while (end_ - begin_ < left)
        {
            left -= end_ - begin_;
            begin_ = end_;
            expect_more();
        }
        begin_ += left;
    }

    void expect_more()
    {
        if (!fill())
            throw std::runtime_error("the peer closed the connection");
    }

    int fd_;
    std::vector<std::byte> buffer_;
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
