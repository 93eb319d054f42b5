#include "transports/socket_options.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <ferry/error.hpp>

#include "transports/socket_address.hpp"
#include "transports/socket_handle.hpp"

namespace ferry::transports
{

namespace
{

// Linux doubles it for its own needs. docs/performance.md has what others cost.
constexpr int local_send_buffer = 208 * 1024;

bool is_within_machine(int descriptor) noexcept
{
    std::error_code error;
    const auto local = socket_address::of_local_end(descriptor, error);
    if (error || local.family() == AF_UNIX)
        return !error;
    auto remote = socket_address::of_remote_end(descriptor, error);
    remote.set_port(local.port());
    return !error && remote == local;
}

struct wish
{
    bool wanted;
    int level;
    int name;
    int value;
    const char* what;
};

template <std::size_t Count>
failure grant(int descriptor, const std::array<wish, Count>& wishes)
{
    for (const auto& each : wishes)
    {
        if (!each.wanted)
            continue;
        if (const auto error = set_option(descriptor, each.level, each.name, each.value))
            return {error, std::string("cannot set ") + each.what + ": " + error.message()};
    }
    return {};
}

int clamped_milliseconds(std::chrono::milliseconds value) noexcept
{
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    return static_cast<int>(std::clamp<std::int64_t>(value.count(), 0, most));
}

failure apply_keepalive(int descriptor, const transport_options& options)
{
#ifdef TCP_KEEPIDLE
    constexpr int idle_name = TCP_KEEPIDLE;
#else
    constexpr int idle_name = TCP_KEEPALIVE;  // macOS
#endif
    return grant(descriptor,
        std::array{
            wish{true, SOL_SOCKET, SO_KEEPALIVE, options.tcp_keepalive, "tcp_keepalive"},
            wish{options.tcp_keepalive_count != -1, IPPROTO_TCP, TCP_KEEPCNT,
                options.tcp_keepalive_count, "tcp_keepalive_count"},
            wish{options.tcp_keepalive_idle != -1, IPPROTO_TCP, idle_name,
                options.tcp_keepalive_idle, "tcp_keepalive_idle"},
            wish{options.tcp_keepalive_interval != -1, IPPROTO_TCP, TCP_KEEPINTVL,
                options.tcp_keepalive_interval, "tcp_keepalive_interval"},
        });
}

}  // namespace

failure apply_buffer_options(int descriptor, const transport_options& options)
{
    return grant(descriptor,
        std::array{
            wish{options.send_buffer >= 0, SOL_SOCKET, SO_SNDBUF, options.send_buffer,
                "send_buffer"},
            wish{options.receive_buffer >= 0, SOL_SOCKET, SO_RCVBUF, options.receive_buffer,
                "receive_buffer"},
        });
}

void bound_local_send_buffer(int descriptor, const transport_options& options) noexcept
{
    if (options.send_buffer < 0 && is_within_machine(descriptor))
        (void)set_option(descriptor, SOL_SOCKET, SO_SNDBUF, local_send_buffer);
}

failure apply_tcp_options(int descriptor, int family, const transport_options& options)
{
    if (auto why =
            grant(descriptor, std::array{wish{true, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY"}}))
        return why;
    if (options.tcp_keepalive != -1)
    {
        if (auto why = apply_keepalive(descriptor, options))
            return why;
    }
#ifdef TCP_USER_TIMEOUT
    const int patience = clamped_milliseconds(options.tcp_max_retransmit);
    if (auto why = grant(descriptor,
            std::array{
                wish{patience > 0, IPPROTO_TCP, TCP_USER_TIMEOUT, patience, "tcp_max_retransmit"}}))
        return why;
#endif
    if (options.type_of_service == 0)
        return {};
    if (family == AF_INET6)
    {
        // A dual-stack socket sends IPv4 too; whether the system lets it say so does not matter.
        (void)set_option(descriptor, IPPROTO_IP, IP_TOS, options.type_of_service);
    }
    const bool v6 = family == AF_INET6;
    return grant(descriptor,
        std::array{wish{true, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS,
            options.type_of_service, "type_of_service"}});
}

failure apply_device_option(int descriptor, const transport_options& options)
{
    const auto& device = options.bind_to_device;
    if (device.empty())
        return {};
#ifdef SO_BINDTODEVICE
    if (::setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, device.data(),
            static_cast<socklen_t>(device.size())) == 0)
        return {};
    const auto error = last_system_error();
    return {error, "cannot bind to device " + device + ": " + error.message()};
#else
    return {errc::invalid_argument, "this system cannot bind to a device"};
#endif
}

}  // namespace ferry::transports
