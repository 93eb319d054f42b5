// What SUB and XSUB share: what is wanted, and telling every publisher. RFC 29.
#pragma once

#include <memory>
#include <string_view>

#include <ferry/detail/message_access.hpp>

#include "patterns/pattern.hpp"
#include "patterns/routing/fair_queue.hpp"
#include "patterns/routing/pipe_array.hpp"
#include "patterns/routing/topic_set.hpp"

namespace ferry::patterns
{

/// Publishers that are connected are told each subscription as it is made, and its end when the
/// last reference is gone. Those who connect are told everything, one topic once.
class subscriber
{
public:
    explicit subscriber(effects& results) : results_(results) {}

    void attach(const std::shared_ptr<pipe_end>& pipe);
    void connected(pipe_end& pipe);
    void disconnected(pipe_end& pipe) noexcept;
    void detach(pipe_end& pipe);
    void peer_closed(pipe_end& pipe);
    void readable(pipe_end& pipe) noexcept { incoming_.activate(pipe); }

    void subscribe(std::string_view topic);
    void unsubscribe(std::string_view topic);
    [[nodiscard]] const topic_set& topics() const noexcept { return topics_; }

    [[nodiscard]] pipe_end* receive(message& m) { return incoming_.receive(m, results_); }
    /// See fair_queue.
    template <class Wanted>
    [[nodiscard]] pipe_end* receive_if(message& m, Wanted wanted)
    {
        return incoming_.receive_if(m, results_, wanted);
    }
    [[nodiscard]] bool has_input() { return incoming_.has_input(results_); }

private:
    struct publisher_entry
    {
        std::shared_ptr<pipe_end> pipe;
        bool is_connected = false;
    };

    void tell_all(detail::message_role what, std::string_view topic);
    void forget(const pipe_end& pipe) noexcept;

    effects& results_;
    topic_set topics_;
    fair_queue incoming_;
    pipe_array<publisher_entry, &pipe_end::routing_slots::other> publishers_;
};

}  // namespace ferry::patterns
