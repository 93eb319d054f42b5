// Who is read next: every pipe with input in turn, one message each.
#pragma once

#include <memory>

#include <ferry/detail/message_access.hpp>
#include <ferry/detail/received_run.hpp>

#include "patterns/pattern.hpp"
#include "patterns/routing/pipe_array.hpp"

namespace ferry::patterns
{

/// Pipes that ran empty stand aside until activate(). Subscription records, which only
/// publishers understand, are skipped.
///
/// Every function takes pipes it does not know, and ignores them: a wake-up may come late.
/// Spec: RFC 28 "DEALER", RFC 30 "PULL": fair-queuing.
class fair_queue
{
public:
    void attach(const std::shared_ptr<pipe_end>& pipe);
    [[nodiscard]] bool contains(const pipe_end& pipe) const noexcept
    {
        return pipes_.contains(pipe);
    }
    [[nodiscard]] std::size_t size() const noexcept { return pipes_.size(); }
    /// Drops unread input and forgets the pipe.
    void detach(pipe_end& pipe, effects& results);
    /// Input is back.
    void activate(pipe_end& pipe) noexcept;
    /// The other end is closed: the pipe goes into effects::finished once it is drained.
    void peer_closed(pipe_end& pipe, effects& results);

    /// The next message, and the pipe it came from; null if there is none. A pipe that is drained
    /// with it is in effects::finished already.
    [[nodiscard]] pipe_end* receive(message& m, effects& results)
    {
        return receive_next(m, results, [](const message&) { return true; });
    }
    /// The next message whose first frame is wanted, by `bool wanted(frame_view)`; others are dropped.
    template <class Wanted>
    [[nodiscard]] pipe_end* receive_if(message& m, effects& results, Wanted wanted)
    {
        return receive_next(m, results,
            [&](const message& next) { return wanted(detail::received_run::first_frame(next)); });
    }
    /// Whether something can be read now; records that are skipped count.
    [[nodiscard]] bool has_input(effects& results);
    /// Drops what is unread on all pipes.
    void discard_all(drop_reason why, effects& results);

private:
    struct entry
    {
        std::shared_ptr<pipe_end> pipe;
        bool closing = false;
    };

    template <class Takes>
    [[nodiscard]] pipe_end* receive_next(message& m, effects& results, Takes takes);
    void stand_aside(entry& empty, effects& results);
    void finish_if_drained(pipe_end& pipe, effects& results);

    turn_array<entry, &pipe_end::routing_slots::fair_queue> pipes_;
};

template <class Takes>
pipe_end* fair_queue::receive_next(message& m, effects& results, Takes takes)
{
    while (pipes_.active() != 0)
    {
        entry& current = pipes_.current();
        pipe_end* from = current.pipe.get();
        const bool closing = current.closing;
        message* next = from->peek(results.wakes);
        if (next == nullptr) [[unlikely]]
        {
            stand_aside(current, results);
            continue;
        }
        if (!detail::message_access::holds_data(*next)) [[unlikely]]
        {
            from->drop_front(results.wakes);
            continue;
        }
        const bool is_wanted = takes(*next);
        pipes_.advance();
        if (!is_wanted)
        {
            message unwanted;
            from->take_front(unwanted, results.wakes);
            results.drop(drop_reason::not_subscribed, std::move(unwanted), *from);
            continue;
        }
        from->take_front(m, results.wakes);
        if (closing) [[unlikely]]
            finish_if_drained(*from, results);
        return from;
    }
    return nullptr;
}

}  // namespace ferry::patterns
