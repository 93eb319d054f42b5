// What a socket knows of one connection: who is there, since when, and what was carried.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <ferry/socket_type.hpp>
#include <ferry/stats.hpp>

#include "engine/traffic_counters.hpp"
#include "protocol/events.hpp"

namespace ferry::detail
{

class connection_driver;

/// Made by who made the connection, given to the socket with socket_core::connected. All but the
/// traffic is under the socket's lock from then on. There is one per connection: it is kept small.
struct connection_record
{
    std::shared_ptr<const std::string> endpoint;
    std::unique_ptr<const std::string> routing_id;  // null: none
    std::weak_ptr<connection_driver> driver;        // none: inproc
    std::optional<socket_type> type;
    std::optional<protocol::zmtp_version> version;  // none: inproc, raw
    bool is_again = false;                          // its endpoint had lost another one
    traffic_counters traffic;                       // of the session; inproc counts in its pipe

    // The socket's own.
    bool is_ending = false;  // disconnect was called
    peer_id id{};
    std::chrono::system_clock::time_point since{};
    std::size_t place = 0;  // in the socket's list

    void set_routing_id(const std::string& announced)
    {
        if (!announced.empty())
            routing_id = std::make_unique<const std::string>(announced);
    }
};

/// What a socket remembers of connections and pipes that are gone.
struct socket_totals
{
    traffic_stats traffic;
    std::size_t most_to_send = 0;
    std::size_t most_to_receive = 0;
    std::uint64_t connections = 0;  // those that live counted as well: the last one's id
    std::uint64_t reconnects = 0;
    std::array<std::uint64_t, handshake_failure_count> handshake_failures{};

    void note(std::size_t to_send, std::size_t to_receive) noexcept
    {
        most_to_send = std::max(most_to_send, to_send);
        most_to_receive = std::max(most_to_receive, to_receive);
    }
};

inline traffic_stats& operator+=(traffic_stats& to, const traffic_stats& more) noexcept
{
    to.messages_sent += more.messages_sent;
    to.bytes_sent += more.bytes_sent;
    to.messages_received += more.messages_received;
    to.bytes_received += more.bytes_received;
    return to;
}

/// For session_pipe: lives as long as the whole record.
[[nodiscard]] inline std::shared_ptr<traffic_counters> traffic_of(
    const std::shared_ptr<connection_record>& record) noexcept
{
    return {record, record ? &record->traffic : nullptr};
}

}  // namespace ferry::detail
