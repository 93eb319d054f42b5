// What SUB and XSUB share: what is wanted, and telling every publisher. RFC 29.
#include "patterns/pubsub/subscriber.hpp"

namespace ferry::patterns
{

using detail::message_access;
using detail::message_role;

void subscriber::attach(const std::shared_ptr<pipe_end>& pipe)
{
    if (publishers_.contains(*pipe))
        return;
    publishers_.push_back({pipe});
    incoming_.attach(pipe);
}

void subscriber::connected(pipe_end& pipe)
{
    if (!publishers_.contains(pipe))
        return;
    publishers_[publishers_.place_of(pipe)].is_connected = true;
    topics_.for_each([&](std::string_view topic) {
        pipe.write(message_access::subscription(message_role::subscribe, topic));
    });
    pipe.publish(results_.wakes);
}

void subscriber::disconnected(pipe_end& pipe) noexcept
{
    if (publishers_.contains(pipe))
        publishers_[publishers_.place_of(pipe)].is_connected = false;
}

void subscriber::detach(pipe_end& pipe)
{
    forget(pipe);
    incoming_.detach(pipe, results_);
}

void subscriber::peer_closed(pipe_end& pipe)
{
    forget(pipe);
    incoming_.peer_closed(pipe, results_);
}

void subscriber::subscribe(std::string_view topic)
{
    topics_.add(topic);
    tell_all(message_role::subscribe, topic);
}

void subscriber::unsubscribe(std::string_view topic)
{
    if (topics_.remove(topic) == topic_set::removal::gone)
        tell_all(message_role::cancel, topic);
}

void subscriber::tell_all(message_role what, std::string_view topic)
{
    for (const publisher_entry& each : publishers_)
        if (each.is_connected)
            each.pipe->send(message_access::subscription(what, topic), results_.wakes);
}

void subscriber::forget(const pipe_end& pipe) noexcept
{
    if (!publishers_.contains(pipe))
        return;
    publishers_.swap(publishers_.place_of(pipe), publishers_.size() - 1);
    publishers_.pop_back();
}

}  // namespace ferry::patterns
