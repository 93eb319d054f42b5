// A descriptor with one owner, and the few system calls that every socket needs.
#pragma once

#include <system_error>
#include <utility>

#include "transports/socket_address.hpp"

namespace ferry::transports
{

[[nodiscard]] std::error_code last_system_error() noexcept;  ///< errno

class socket_handle
{
public:
    socket_handle() noexcept = default;
    explicit socket_handle(int descriptor) noexcept : descriptor_(descriptor) {}
    socket_handle(socket_handle&& other) noexcept : descriptor_(other.release()) {}
    socket_handle& operator=(socket_handle&& other) noexcept
    {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~socket_handle();

    [[nodiscard]] int get() const noexcept { return descriptor_; }
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }
    explicit operator bool() const noexcept { return descriptor_ != -1; }

private:
    int descriptor_ = -1;
};

/// A stream socket: non-blocking, closed in programs that are started, silent about SIGPIPE.
[[nodiscard]] socket_handle open_stream_socket(int family, std::error_code& error) noexcept;

/// One connection of the backlog, with the same properties. Connections that were reset before
/// they could be accepted are passed over. std::errc::operation_would_block when there is none.
[[nodiscard]] socket_handle accept_stream_socket(int listener, std::error_code& error) noexcept;

/// Empty when connected; std::errc::operation_in_progress when that will take a while.
[[nodiscard]] std::error_code start_connect(int descriptor, const socket_address& to) noexcept;

[[nodiscard]] std::error_code bind_socket(int descriptor, const socket_address& to) noexcept;
[[nodiscard]] std::error_code listen_on(int descriptor, int backlog) noexcept;

[[nodiscard]] std::error_code set_option(int descriptor, int level, int name, int value) noexcept;

/// What SO_ERROR holds, and clears it.
[[nodiscard]] std::error_code take_socket_error(int descriptor) noexcept;

}  // namespace ferry::transports
