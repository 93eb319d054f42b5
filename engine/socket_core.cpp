#include "engine/socket_core.hpp"

#include <utility>

#include <asio/error.hpp>

#include "engine/context_core.hpp"
#include "engine/inproc_link.hpp"
#include "engine/io_loop.hpp"
#include "engine/log.hpp"
#include "engine/settings.hpp"

namespace ferry::detail
{

namespace
{

class blocked_thread final : public waiter
{
public:
    blocked_thread(want what, message* body, io_loop* loop) noexcept
        : waiter(what, body), signal(loop != nullptr ? &loop->interrupter() : nullptr)
    {
    }
    void complete() noexcept override { signal.set(); }
    void abandon() noexcept override
    {
        error = errc::terminated;
        signal.set();
    }

    thread_signal signal;
};

bool is_for_room(waiter::want what) noexcept
{
    return what == waiter::want::send || what == waiter::want::room;
}

}  // namespace

socket_core::socket_core(
    std::shared_ptr<context_core> context, socket_type type, socket_options options)
    : context_(std::move(context)), type_(type), options_(std::move(options)),
      pattern_(
          patterns::make_pattern(type, pattern_settings(options_, context_->random()), effects_)),
      send_timeout_(options_.send_timeout.count()),
      receive_timeout_(options_.receive_timeout.count())
{
}

socket_core::~socket_core() = default;

socket_options socket_core::options() const
{
    const std::lock_guard lock(mutex_);
    return options_;
}

// --- the lock, and what follows it ---------------------------------------------------------------

void socket_core::aftermath::run() noexcept
{
    wakes.run();
    discarded.clear();
    for (waiter* w : completed)
        w->complete();
    completed.clear();
}

void socket_core::section::run_aftermath() noexcept
{
    // The vectors keep their memory from one use to the next. A deleter or a wake-up that enters
    // another socket from run() finds them taken, and makes do with new ones.
    // The guard: thread-local objects may be gone while sockets with a longer life still close.
    thread_local bool is_gone = false;
    struct kept
    {
        aftermath vectors;
        bool& gone;
        ~kept() { gone = true; }
    };
    aftermath todo;
    kept* reused = nullptr;
    if (!is_gone)
    {
        thread_local kept own{{}, is_gone};
        reused = &own;
        todo = std::move(own.vectors);
    }
    todo.wakes.swap(core_.effects_.wakes);
    todo.discarded.swap(core_.effects_.discarded);
    todo.completed.swap(core_.completed_);
    lock_.unlock();
    todo.run();
    if (reused != nullptr && !is_gone)
        reused->vectors = std::move(todo);
}

std::error_code socket_core::refusal() const noexcept
{
    if (terminated_)
        return errc::terminated;
    if (closing_.load(std::memory_order_relaxed))
        return errc::closed;
    return {};
}

// --- sending and receiving -----------------------------------------------------------------------

bool socket_core::send_now(message& m)
{
    const section locked(*this);
    if (!is_plain_ || m.empty())
        return false;
    const patterns::outcome result = pattern_->send(m);
    settle();
    return result.is_done();
}

bool socket_core::send_octets_now(std::span<const std::byte> body)
{
    const section locked(*this);
    if (!is_plain_)
        return false;
    const bool sent = pattern_->send_octets(body);
    settle();
    return sent;
}

bool socket_core::receive_now(message& m)
{
    const section locked(*this);
    if (!is_plain_)
        return false;
    const patterns::outcome result = pattern_->receive(m);
    settle();
    return result.is_done();
}

std::error_code socket_core::send(message& m, time_point limit)
{
    if (m.empty())
        return errc::invalid_argument;
    return transfer<waiter::want::send>(m, limit);
}

std::error_code socket_core::receive(message& m, time_point limit)
{
    return transfer<waiter::want::receive>(m, limit);
}

void socket_core::pace(std::size_t octets) noexcept
{
    if (io_loop* loop = loop_to_drive())
        loop->pace(octets);
}

template <waiter::want What>
std::error_code socket_core::transfer(message& m, time_point limit)
{
    std::error_code error;
    if (try_transfer<What>(m, error))
        return error;
    if (limit != do_not_wait)
        return wait(What, &m, 0, {}, limit);
    if (io_loop* loop = loop_to_drive())
    {
        loop->look();
        if (try_transfer<What>(m, error))
            return error;
    }
    return std::make_error_code(std::errc::operation_would_block);
}

// False when it would have to wait.
template <waiter::want What>
bool socket_core::try_transfer(message& m, std::error_code& error)
{
    const section locked(*this);
    if (terminated_ || closing_.load(std::memory_order_relaxed))
    {
        error = refusal();
        return true;
    }
    if (!queue_of(What).empty())
        return false;
    const patterns::outcome result =
        What == waiter::want::send ? pattern_->send(m) : pattern_->receive(m);
    settle();
    switch (result.what)
    {
    case patterns::outcome::status::done: serve(); return true;
    case patterns::outcome::status::failed: error = result.code; return true;
    case patterns::outcome::status::would_block: break;
    }
    return false;
}

std::error_code socket_core::subscribe(std::string_view topic)
{
    const section locked(*this);
    if (const std::error_code refused = refusal())
        return refused;
    const std::error_code result = pattern_->subscribe(topic);
    serve();
    return result;
}

std::error_code socket_core::unsubscribe(std::string_view topic)
{
    const section locked(*this);
    if (const std::error_code refused = refusal())
        return refused;
    const std::error_code result = pattern_->unsubscribe(topic);
    serve();
    return result;
}

// --- waiting -------------------------------------------------------------------------------------

std::error_code socket_core::wait_for(
    waiter::want what, std::size_t count, std::string_view topic, time_point limit)
{
    return wait(what, nullptr, count, topic, limit);
}

std::error_code socket_core::wait(
    waiter::want what, message* body, std::size_t count, std::string_view topic, time_point limit)
{
    io_loop* const loop = loop_to_drive();
    blocked_thread w(what, body, loop);
    w.count = count;
    w.topic = topic;
    if (start(w))
        return w.error;

    std::error_code gave_up;
    if (context_->forbids_blocking())
        gave_up = errc::would_deadlock;
    else
        switch (loop != nullptr ? loop->wait(w.signal, limit, is_for_room(what))
                                : w.signal.wait_until(limit))
        {
        case thread_signal::result::set: return w.error;
        case thread_signal::result::timed_out: gave_up = errc::timed_out; break;
        case thread_signal::result::interrupted: gave_up = errc::interrupted; break;
        }
    if (withdraw(w))
        return gave_up;
    w.signal.wait();  // it is being completed at this very moment
    return w.error;
}

bool socket_core::start(waiter& w)
{
    const section locked(*this);
    const std::error_code refused =
        w.what() == waiter::want::closed ? std::error_code{} : refusal();
    if (refused)
    {
        w.error = refused;
        return true;
    }
    if (w.what() == waiter::want::send && w.body().empty())
    {
        w.error = errc::invalid_argument;
        return true;
    }
    const bool publishes = type_ == socket_type::pub || type_ == socket_type::xpub;
    if (w.what() == waiter::want::subscribers && !publishes)
    {
        w.error = errc::not_supported;
        return true;
    }
    const bool takes_turns = w.what() == waiter::want::send || w.what() == waiter::want::receive;
    if (takes_turns && w.is_deferred_)
        return start_deferred(w);
    waiter_queue& queue = queue_of(w.what());
    if ((!takes_turns || queue.empty()) && attempt(w))
    {
        settle();
        serve();
        return true;
    }
    settle();
    queue.push_back(w);
    ++waiting_;
    look_whether_plain();
    return false;
}

bool socket_core::withdraw(waiter& w)
{
    const section locked(*this);
    if (!w.queued_)
        return false;
    take_from_queue(queue_of(w.what()), w);
    serve();  // it may have stood in the way of others
    return true;
}

std::error_code socket_core::look(waiter::want what)
{
    const section locked(*this);
    if (const std::error_code refused = refusal())
        return refused;
    const bool ready = (what == waiter::want::readable && pattern_->can_receive()) ||
        (what == waiter::want::writable && pattern_->can_send());
    settle();
    return ready ? std::error_code{} : std::make_error_code(std::errc::operation_would_block);
}

poll_events socket_core::ready(std::error_code& error)
{
    const section locked(*this);
    error = refusal();
    if (error)
        return poll_events::none;
    const auto if_so = [](bool so, poll_events event) { return so ? event : poll_events::none; };
    const poll_events events = if_so(pattern_->can_receive(), poll_events::readable) |
        if_so(pattern_->can_send(), poll_events::writable);
    settle();
    return events;
}

std::error_code socket_core::look_for_room(std::string_view first_frame)
{
    const section locked(*this);
    if (const std::error_code refused = refusal())
        return refused;
    const patterns::outcome result = pattern_->check_send(first_frame);
    settle();
    return result.what == patterns::outcome::status::would_block
        ? std::make_error_code(std::errc::operation_would_block)
        : result.code;
}

// True when the waiter's operation is over, well or badly.
bool socket_core::attempt(waiter& w)
{
    const auto settled = [&w](const patterns::outcome& result) {
        w.error = result.code;
        return result.what != patterns::outcome::status::would_block;
    };
    switch (w.what())
    {
    case waiter::want::send: return settled(pattern_->send(w.body()));
    case waiter::want::receive: return settled(pattern_->receive(w.body()));
    case waiter::want::readable: return pattern_->can_receive();
    case waiter::want::writable: return pattern_->can_send();
    case waiter::want::peers: return connected_peers_.load(std::memory_order_relaxed) >= w.count;
    case waiter::want::subscribers: return pattern_->subscribers(w.topic) >= w.count;
    case waiter::want::room: return settled(pattern_->check_send(w.topic));
    case waiter::want::closed: w.count = given_up_; return links_.empty();
    }
    return true;
}

// Something changed: whoever can go on now does. Called under the lock after every change.
void socket_core::serve_waiters()
{
    for (bool progress = true; progress;)
    {
        progress = false;
        serve_in_order(queue_of(waiter::want::receive), progress);
        serve_in_order(queue_of(waiter::want::send), progress);
        settle();
    }
    serve_all_ready(queue_of(waiter::want::readable));
    serve_all_ready(queue_of(waiter::want::writable));
    serve_all_ready(queue_of(waiter::want::peers));
    serve_all_ready(queue_of(waiter::want::subscribers));
    serve_all_ready(queue_of(waiter::want::room));
    serve_all_ready(queue_of(waiter::want::closed));
    settle();
}

void socket_core::serve_in_order(waiter_queue& queue, bool& progress)
{
    while (!queue.empty())
    {
        waiter& first = *queue.front();
        if (first.is_deferred_ ? !call_for_step(queue, first) : !attempt(first))
            return;
        if (!first.is_deferred_)
            finish_waiter(queue, first, first.error);
        progress = true;
    }
}

void socket_core::serve_all_ready(waiter_queue& queue)
{
    for (waiter* w = queue.front(); w != nullptr;)
    {
        waiter* next = waiter_queue::after(*w);
        if (attempt(*w))
            finish_waiter(queue, *w, w->error);
        w = next;
    }
}

void socket_core::take_from_queue(waiter_queue& queue, waiter& w) noexcept
{
    queue.remove(w);
    --waiting_;
    look_whether_plain();
}

void socket_core::finish_waiter(waiter_queue& queue, waiter& w, std::error_code error)
{
    take_from_queue(queue, w);
    w.error = error;
    if (!w.is_deferred_ || !std::exchange(w.step_is_coming_, true))
        completed_.push_back(&w);
}

void socket_core::fail_all_waiters(std::error_code error)
{
    for (waiter_queue& queue : waiters_)
    {
        if (&queue == &queue_of(waiter::want::closed))
            continue;
        while (!queue.empty())
        {
            waiter& first = *queue.front();
            const bool is_aborted = first.is_deferred_ && error == errc::closed;
            finish_waiter(queue, first, is_aborted ? asio::error::operation_aborted : error);
        }
    }
}

// --- options -------------------------------------------------------------------------------------

void socket_core::options_changed()
{
    send_timeout_.store(options_.send_timeout.count(), std::memory_order_relaxed);
    receive_timeout_.store(options_.receive_timeout.count(), std::memory_order_relaxed);
    pattern_->set_options(pattern_settings(options_, 0));
    settle();
    serve();
}

void socket_core::set_send_hwm(std::size_t messages)
{
    const section locked(*this);
    options_.send_hwm = messages;
    send_hwm_changed_ = true;
    for (auto& [end, p] : peers_)
    {
        if (p.inproc)
            p.inproc->change_send_hwm(*end, messages);
        else
            end->set_send_hwm(messages);
        pattern_->writable(*end);
    }
    settle();
    serve();
}

void socket_core::set_receive_hwm(std::size_t messages)
{
    const section locked(*this);
    options_.receive_hwm = messages;
    receive_hwm_changed_ = true;
    for (auto& [end, p] : peers_)
    {
        if (p.inproc)
            p.inproc->change_receive_hwm(*end, messages, effects_.wakes);
        else
            end->set_receive_hwm(messages, effects_.wakes);
    }
}

// --- looking in ----------------------------------------------------------------------------------

std::uint64_t socket_core::dropped_messages() const
{
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const std::uint64_t drops : effects_.drops)
        sum += drops;
    return sum;
}

void socket_core::count_drops(
    patterns::drop_reason why, std::size_t messages, patterns::pipe_end* peer) noexcept
{
    const std::lock_guard lock(mutex_);
    if (peer != nullptr)
        peer->add_drops(messages);
    effects_.drops[static_cast<std::size_t>(why)] += messages;
}

void socket_core::add_monitor(const std::shared_ptr<monitor_queue>& queue)
{
    const std::lock_guard lock(monitors_mutex_);
    std::erase_if(monitors_, [](const auto& weak) { return weak.expired(); });
    if (monitors_closed_)
    {
        queue->close();
        return;
    }
    monitors_.push_back(queue);
    is_monitored_.store(true, std::memory_order_release);
}

void socket_core::emit(const monitor_event& event)
{
    if (is_monitored_.load(std::memory_order_acquire))
        tell_monitors(event);
    if (context_->is_logged())
        write_log(context_->log(), type_, event);
}

void socket_core::tell_monitors(const monitor_event& event)
{
    const std::lock_guard lock(monitors_mutex_);
    for (const auto& weak : monitors_)
    {
        if (const auto queue = weak.lock())
            queue->push(event);
    }
}

}  // namespace ferry::detail
