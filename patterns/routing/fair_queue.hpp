// Who is read next: every pipe with input in turn, one message each.
#pragma once

#include <memory>

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
    [[nodiscard]] pipe_end* receive(message& m, effects& results);
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

    void stand_aside(entry& empty, effects& results);

    turn_array<entry, &pipe_end::routing_slots::fair_queue> pipes_;
};

}  // namespace ferry::patterns
