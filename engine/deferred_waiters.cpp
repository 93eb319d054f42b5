// Waiters that send or take a message not before they come for it themselves: so whoever cancels
// them until then knows that nothing happened.
#include <utility>

#include "engine/socket_core.hpp"

namespace ferry::detail
{

// They queue even when they could go through at once: the message is theirs when their step comes.
bool socket_core::start_deferred(waiter& w)
{
    waiter_queue& queue = queue_of(w.what());
    const bool is_first = queue.empty();
    queue.push_back(w);
    ++waiting_;
    look_whether_plain();
    const bool is_to_come = is_first && is_due(w);
    settle();
    if (!is_to_come)
        return false;
    if (!w.queued_)
        serve();
    w.step_is_coming_ = true;
    return true;
}

// Whether its step may come: there is what it wants, or it failed and is queued no longer.
bool socket_core::is_due(waiter& w)
{
    const bool sends = w.what() == waiter::want::send;
    if (sends ? pattern_->can_send() : pattern_->can_receive())
        return true;
    if (!queue_of(sends ? waiter::want::receive : waiter::want::send).empty())
        return false;  // what began before may make it possible: REQ and REP take turns
    if (!attempt(w))
        return false;
    take_from_queue(queue_of(w.what()), w);
    settle();
    return true;
}

// Only the first is called; the next when that one is over. True if it is out of the way.
bool socket_core::call_for_step(waiter_queue& queue, waiter& w)
{
    if (w.step_is_coming_ || !is_due(w))
        return false;
    w.step_is_coming_ = true;
    completed_.push_back(&w);
    return queue.front() != &w;
}

bool socket_core::take_step(waiter& w)
{
    const section locked(*this);
    w.step_is_coming_ = false;
    if (!w.queued_)
        return true;
    waiter_queue& queue = queue_of(w.what());
    if (queue.front() != &w)
        return false;
    const bool is_over = attempt(w);
    if (is_over)
        take_from_queue(queue, w);
    settle();
    if (is_over)
        serve();
    return is_over;
}

socket_core::withdrawal socket_core::withdraw_deferred(waiter& w)
{
    const section locked(*this);
    if (!w.queued_)
        return withdrawal::too_late;
    take_from_queue(queue_of(w.what()), w);
    serve();  // it may have stood in the way of others
    return w.step_is_coming_ ? withdrawal::step_is_coming : withdrawal::done;
}

}  // namespace ferry::detail
