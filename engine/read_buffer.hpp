// Memory that a session reads into, and that runs of received messages keep alive.
#pragma once

#include <cstddef>
#include <utility>

#include "protocol/message_storage.hpp"

namespace ferry::detail
{

/// Owns a buffer together with the runs in it (detail::received_run), or nothing.
class read_buffer
{
public:
    read_buffer() noexcept = default;
    read_buffer(read_buffer&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
    read_buffer& operator=(read_buffer&& other) noexcept
    {
        std::swap(body_, other.body_);
        return *this;
    }
    ~read_buffer()
    {
        if (body_ != nullptr)
            body_->release();
    }
    /// Errors: std::bad_alloc.
    [[nodiscard]] static read_buffer make(std::size_t octets)
    {
        return read_buffer(shared_body::make(octets));
    }

    explicit operator bool() const noexcept { return body_ != nullptr; }
    [[nodiscard]] std::byte* get() const noexcept { return body_->octets(); }
    [[nodiscard]] shared_body& body() const noexcept { return *body_; }
    /// Whether it is there and no run refers to it: only then it may be written to.
    [[nodiscard]] bool is_unique() const noexcept { return body_ != nullptr && body_->is_unique(); }

private:
    explicit read_buffer(shared_body* body) noexcept : body_(body) {}

    shared_body* body_ = nullptr;
};

}  // namespace ferry::detail
