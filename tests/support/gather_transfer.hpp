// A long gather list on its way from one stream to another, however it is cut.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <system_error>
#include <vector>

#include "transports/byte_stream.hpp"

namespace ferry::test
{

/// Keeps writing a gather list and reading at the other end until all is there.
class gather_transfer
{
public:
    gather_transfer(transports::byte_stream& from, transports::byte_stream& to,
        std::size_t buffer_count, bool direct)
        : from_(from), to_(to), direct_(direct)
    {
        for (std::size_t i = 0; i < buffer_count; ++i)
            sizes_.push_back(i % 7 == 0 ? 0 : (i * 7919) % 150'000);
        sent_.resize(std::accumulate(sizes_.begin(), sizes_.end(), std::size_t{0}));
        for (std::size_t i = 0; i < sent_.size(); ++i)
            sent_[i] = static_cast<std::byte>((i * 31 + i / 251) & 0xff);
    }

    void start()
    {
        write_more();
        read_more();
    }
    [[nodiscard]] bool is_done() const { return failed_ || received_.size() == sent_.size(); }
    [[nodiscard]] bool is_exact() const { return received_ == sent_; }
    [[nodiscard]] bool saw_partial_write() const { return saw_partial_write_; }

private:
    /// The buffers cut at the place reached so far.
    std::vector<std::span<const std::byte>> rest() const
    {
        std::vector<std::span<const std::byte>> list;
        std::size_t at = 0;
        for (const auto size : sizes_)
        {
            const auto begin = std::clamp(written_, at, at + size);
            list.push_back(std::span(sent_).subspan(begin, at + size - begin));
            at += size;
        }
        return list;
    }

    void on_written(std::error_code error, std::size_t size)
    {
        failed_ = failed_ || error || size == 0;
        written_ += size;
        saw_partial_write_ = saw_partial_write_ || written_ < sent_.size();
        if (!failed_ && written_ < sent_.size())
            write_more();
    }

    void write_more()
    {
        std::error_code error;
        if (direct_)
        {
            const auto size = from_.write_some(rest(), error);
            if (error != std::errc::operation_would_block)
                return on_written(error, size);
        }
        // The list itself may go once the call returns; only the octets must stay.
        from_.async_write_some(
            rest(), [this](std::error_code e, std::size_t n) { on_written(e, n); });
    }

    void read_more()
    {
        to_.async_read_some(buffer_, [this](std::error_code error, std::size_t size) {
            failed_ = failed_ || error || size == 0;
            received_.insert(received_.end(), buffer_.begin(),
                buffer_.begin() + static_cast<std::ptrdiff_t>(size));
            if (!is_done())
                read_more();
        });
    }

    transports::byte_stream& from_;
    transports::byte_stream& to_;
    bool direct_;
    std::vector<std::size_t> sizes_;
    std::vector<std::byte> sent_;
    std::vector<std::byte> received_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(50'000);
    std::size_t written_ = 0;
    bool saw_partial_write_ = false;
    bool failed_ = false;
};

}  // namespace ferry::test
