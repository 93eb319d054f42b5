// Two connections back to back on a hand-driven clock. What one writes the other reads, in pieces
// of random size if wanted.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "protocol/connection.hpp"

namespace ferry::test
{

class connection_pair
{
public:
    /// One end: a connection and the events it reported.
    struct end
    {
        end(protocol::connection_options options, protocol::time_point now)
            : subject(std::move(options), now)
        {
        }

        /// The next event; kind none: there was no more.
        protocol::event hears()
        {
            if (events.empty())
                return {};
            protocol::event first = std::move(events.front());
            events.pop_front();
            return first;
        }
        void collect()
        {
            protocol::event next;
            while (subject.next_event(next) != protocol::event_kind::none)
                events.push_back(std::exchange(next, {}));
        }

        protocol::connection subject;
        std::deque<protocol::event> events;
    };

    connection_pair(protocol::connection_options a, protocol::connection_options b)
        : left(std::move(a), now), right(std::move(b), now)
    {
    }
    connection_pair(socket_type a, socket_type b)
        : connection_pair(
              protocol::connection_options{.type = a}, protocol::connection_options{.type = b})
    {
    }

    /// Moves octets both ways until neither has anything to say.
    void exchange()
    {
        while (left.subject.output_size() + right.subject.output_size() > 0)
        {
            carry(left, right);
            carry(right, left);
        }
    }
    /// The same in pieces of 1 to `largest` octets, chosen by `seed`.
    void exchange_in_pieces(std::size_t largest, unsigned seed)
    {
        random_.seed(seed);
        largest_piece_ = largest;
        exchange();
        largest_piece_ = static_cast<std::size_t>(-1);
    }
    /// Shakes hands and takes the two ready events away; false: there were none.
    bool is_ready()
    {
        exchange();
        return left.hears().kind == protocol::event_kind::ready &&
            right.hears().kind == protocol::event_kind::ready;
    }
    /// Time goes by: every deadline in its turn, and what follows from it.
    void passes(protocol::duration time)
    {
        const protocol::time_point last = now + time;
        for (auto next = deadline(); next && *next <= last; next = deadline())
        {
            now = std::max(now, *next);
            for (end* each : {&left, &right})
            {
                each->subject.on_deadline(now);
                each->collect();
            }
            exchange();
        }
        now = last;
    }

    protocol::time_point now{std::chrono::hours{1}};
    end left;
    end right;

private:
    std::optional<protocol::time_point> deadline() const
    {
        const auto a = left.subject.deadline();
        const auto b = right.subject.deadline();
        if (a && b)
            return std::min(*a, *b);
        return a ? a : b;
    }

    std::size_t piece(std::size_t most)
    {
        if (largest_piece_ == static_cast<std::size_t>(-1))
            return most;
        std::uniform_int_distribution<std::size_t> size(1, largest_piece_);
        return std::min(most, size(random_));
    }

    // Copies of their own, so that reading beyond a piece, or too late, shows.
    void carry(end& from, end& to)
    {
        while (from.subject.output_size() > 0)
        {
            const std::span<const std::byte> first = from.subject.next_output(1)[0];
            std::size_t size = piece(first.size());
            const std::span<std::byte> direct = to.subject.direct_buffer();
            if (!direct.empty())
                size = std::min(size, direct.size());
            const auto copy = std::make_unique<std::byte[]>(size);
            std::copy_n(first.begin(), size, copy.get());
            from.subject.written(size);
            if (direct.empty())
            {
                to.subject.receive({copy.get(), size}, now);
            }
            else
            {
                std::copy_n(copy.get(), size, direct.begin());
                to.subject.received_directly(size, now);
            }
            to.collect();
        }
    }

    std::mt19937 random_;
    std::size_t largest_piece_ = static_cast<std::size_t>(-1);
};

}  // namespace ferry::test
