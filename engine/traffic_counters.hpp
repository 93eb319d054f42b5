// What one connection has carried, counted once per batch.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <ferry/stats.hpp>

namespace ferry::detail
{

/// Written by the connection's session in its loop's turn, with plain stores; read by any thread.
class traffic_counters
{
public:
    void add_sent(std::uint64_t messages, std::uint64_t octets) noexcept
    {
        add(messages_sent_, messages);
        add(octets_sent_, octets);
    }
    void add_received(std::uint64_t messages, std::uint64_t octets) noexcept
    {
        add(messages_received_, messages);
        add(octets_received_, octets);
    }
    /// So many messages wait in the pipe now.
    void note_to_send(std::size_t messages) noexcept { raise(most_to_send_, messages); }
    void note_to_receive(std::size_t messages) noexcept { raise(most_to_receive_, messages); }
    void note_round_trip(std::chrono::nanoseconds taken) noexcept
    {
        round_trip_.store(taken.count(), order);
    }

    [[nodiscard]] traffic_stats traffic() const noexcept
    {
        return {messages_sent_.load(order), octets_sent_.load(order),
            messages_received_.load(order), octets_received_.load(order)};
    }
    [[nodiscard]] std::size_t most_to_send() const noexcept { return most_to_send_.load(order); }
    [[nodiscard]] std::size_t most_to_receive() const noexcept
    {
        return most_to_receive_.load(order);
    }
    [[nodiscard]] std::optional<std::chrono::nanoseconds> round_trip() const noexcept
    {
        const std::int64_t taken = round_trip_.load(order);
        return taken < 0 ? std::nullopt : std::optional(std::chrono::nanoseconds{taken});
    }

private:
    static constexpr auto order = std::memory_order_relaxed;

    static void add(std::atomic<std::uint64_t>& to, std::uint64_t more) noexcept
    {
        to.store(to.load(order) + more, order);
    }
    static void raise(std::atomic<std::size_t>& most, std::size_t now) noexcept
    {
        if (now > most.load(order))
            most.store(now, order);
    }

    std::atomic<std::uint64_t> messages_sent_{0};
    std::atomic<std::uint64_t> octets_sent_{0};
    std::atomic<std::uint64_t> messages_received_{0};
    std::atomic<std::uint64_t> octets_received_{0};
    std::atomic<std::size_t> most_to_send_{0};
    std::atomic<std::size_t> most_to_receive_{0};
    std::atomic<std::int64_t> round_trip_{-1};  // nanoseconds; negative: none
};

}  // namespace ferry::detail
