// A ZMTP peer that reads as a dialogue: what it sends and what it expects, octet by octet, against
// one protocol::connection on a hand-driven clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/connection.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"

namespace ferry::test
{

class scripted_peer
{
public:
    explicit scripted_peer(protocol::connection_options options = {})
        : subject(std::move(options), now)
    {
    }
    explicit scripted_peer(socket_type own_type)
        : scripted_peer(protocol::connection_options{.type = own_type})
    {
    }

    // --- the dialogue ------------------------------------------------------------------------

    /// The peer sends; arrives in pieces of `piece_size`, each at its own address.
    scripted_peer& sends(const octet_vector& all)
    {
        for (std::size_t at = 0; at < all.size(); at += piece_size)
            arrives(std::span(all).subspan(at, std::min(piece_size, all.size() - at)));
        return *this;
    }
    scripted_peer& sends(std::string_view text) { return sends(octets(text)); }

    /// The peer has received exactly this since it last looked.
    scripted_peer& expects(const octet_vector& expected)
    {
        CHECK(to_text(takes_all()) == to_text(expected));
        return *this;
    }
    scripted_peer& expects(std::string_view text) { return expects(octets(text)); }
    scripted_peer& expects_nothing() { return expects(octet_vector{}); }

    /// Time goes by; every deadline of the connection is met in its turn.
    scripted_peer& passes(protocol::duration time)
    {
        const protocol::time_point end = now + time;
        while (subject.deadline() && *subject.deadline() <= end)
        {
            now = std::max(now, *subject.deadline());
            subject.on_deadline(now);
            collect();
        }
        now = end;
        return *this;
    }

    /// Greetings of 3.x and READY, both ways; the ready event is taken away.
    scripted_peer& is_ready_as(std::string_view type, const octet_vector& more_properties = {})
    {
        sends(join(greeting(3, minor_version), ready(type, more_properties)));
        takes_all();
        CHECK(hears().kind == protocol::event_kind::ready);
        return *this;
    }

    // --- what the connection says to its driver ----------------------------------------------

    /// The next event since the last one heard; kind none: there was no more.
    protocol::event hears()
    {
        if (events.empty())
            return {};
        protocol::event first = std::move(events.front());
        events.pop_front();
        return first;
    }
    /// The next event is a message of these frames.
    scripted_peer& hears_message(const message& expected)
    {
        const protocol::event next = hears();
        CHECK(next.kind == protocol::event_kind::message);
        CHECK(next.body == expected);
        return *this;
    }
    /// The next event is the end, with this error, and nothing comes after it.
    scripted_peer& hears_end(std::error_code expected)
    {
        const protocol::event next = hears();
        CHECK(next.kind == protocol::event_kind::closed);
        CHECK(next.error == expected);
        CHECK(events.empty());
        CHECK_FALSE(subject.is_ready());
        CHECK_FALSE(subject.deadline());
        return *this;
    }
    scripted_peer& hears_nothing()
    {
        CHECK(hears().kind == protocol::event_kind::none);
        return *this;
    }

    /// Everything the connection wants written, as if it had been.
    octet_vector takes_all()
    {
        octet_vector all;
        while (subject.output_size() > 0)
        {
            std::size_t size = 0;
            for (const auto& part : subject.next_output())
            {
                all.insert(all.end(), part.begin(), part.end());
                size += part.size();
            }
            REQUIRE(size > 0);
            subject.written(size);
        }
        CHECK(subject.next_output().empty());
        return all;
    }

    void collect()
    {
        protocol::event next;
        while (subject.next_event(next) != protocol::event_kind::none)
            events.push_back(std::exchange(next, {}));
    }

    protocol::time_point now{std::chrono::hours{1}};
    protocol::connection subject;
    std::deque<protocol::event> events;
    std::size_t piece_size = static_cast<std::size_t>(-1);
    unsigned minor_version = 1;  // what is_ready_as() announces

private:
    // Memory of exactly that size, gone when all was taken apart: reading beyond, or later, shows.
    void arrives(std::span<const std::byte> piece)
    {
        while (!piece.empty())
        {
            const std::span<std::byte> direct = subject.direct_buffer();
            const std::size_t size =
                direct.empty() ? piece.size() : std::min(direct.size(), piece.size());
            const auto copy = std::make_unique<std::byte[]>(size);
            std::copy_n(piece.begin(), size, copy.get());
            if (direct.empty())
            {
                subject.receive({copy.get(), size}, now);
            }
            else
            {
                std::copy_n(copy.get(), size, direct.begin());
                subject.received_directly(size, now);
            }
            piece = piece.subspan(size);
            collect();
        }
    }
};

}  // namespace ferry::test
