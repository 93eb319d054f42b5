#include "engine/io_loop.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <asio/post.hpp>

#include "engine/turn_executor.hpp"

namespace ferry::detail
{

namespace
{

using transports::descriptor_watch;

// How long after the last drive the background thread serves the streams again.
constexpr std::chrono::milliseconds take_back_after{1};

// How long a sender is held up for the streams to take what they have; and how long not again after
// they did not, the longer the more often.
constexpr std::chrono::microseconds longest_pace{500};
constexpr std::chrono::microseconds shortest_pause{500};
constexpr std::chrono::microseconds longest_pause{64'000};

// While it lives, no signal is delivered to this thread, nor to threads it starts.
class signals_blocked
{
public:
    signals_blocked() noexcept
    {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t before_;
};

std::optional<std::chrono::nanoseconds> time_until(thread_signal::time_point limit) noexcept
{
    if (limit == thread_signal::time_point::max())
        return {};
    return std::max<std::chrono::nanoseconds>(
        limit - std::chrono::steady_clock::now(), std::chrono::nanoseconds{0});
}

bool is_over(thread_signal::time_point limit) noexcept
{
    return limit != thread_signal::time_point::max() && std::chrono::steady_clock::now() >= limit;
}

}  // namespace

io_loop::io_loop(std::chrono::microseconds busy_poll, thread_settings background)
    : io_(1), turn_(*this), executor_(turn_executor(io_.get_executor(), &turn_)),
      user_executor_(io_.get_executor()), watch_(asio::make_service<descriptor_watch>(io_)),
      floods_(executor_), take_back_(executor_), busy_poll_(busy_poll), gate_(executor_, watch_),
      work_(io_.get_executor())
{
    gate_.start([this] { serve_watch(); });
    gate_.open();
    const signals_blocked inherited_by_the_thread;
    thread_ = std::thread([this, settings = std::move(background)] {
        apply(settings);
        run();
    });
    thread_id_ = thread_.get_id();
}

io_loop::~io_loop()
{
    stop();
}

bool io_loop::is_driven_by_this_thread() const noexcept
{
    return turn_.is_mine() || std::this_thread::get_id() == thread_id_;
}

void io_loop::stop() noexcept
{
    if (!thread_.joinable())
        return;
    is_stopped_.store(true, std::memory_order_release);
    work_.reset();
    io_.stop();
    if (is_driven_by_this_thread())
        return;  // by a deleter that the loop itself called: the destructor does the rest
    thread_.join();
    (void)turn_.release_rest();
    turn_.take();
    floods_.stop();
    {
        const std::lock_guard lock(drivers_);  // a driver may be leaving
        gate_.stop();
    }
    take_back_.cancel();
    turn_.give_back();
    // What was cancelled just before still has handlers queued, and they hold their owners.
    is_finished_.store(true);
    run_what_is_due();
}

void io_loop::run_what_is_due() noexcept
{
    const std::lock_guard lock(after_the_thread_);
    io_.restart();
    for (;;)
    {
        try
        {
            io_.poll();
            return;
        }
        catch (const std::exception&)
        {
            continue;
        }
    }
}

void io_loop::run() noexcept
{
    // Handlers do not throw; should memory run out between them, the loop goes on with the next.
    for (;;)
    {
        try
        {
            io_.run();
            return;
        }
        catch (const std::exception&)
        {
            continue;
        }
    }
}

// --- waiting ---------------------------------------------------------------------------------------

thread_signal::result io_loop::wait(thread_signal& signal, thread_signal::time_point limit,
    bool for_room, descriptor_sleep* beside) noexcept
{
    if (!for_room)
        write_floods();
    if (!begin_drive())
    {
        const auto result =
            beside != nullptr ? beside->wait_until(signal, limit) : signal.wait_until(limit);
        end_sleep();
        return result;
    }
    if (beside != nullptr)
        beside->drive(watch_.native_handle(), *this);
    const auto result = drive(signal, limit, beside);
    end_drive();
    return result;
}

// One thread drives. When others wait as well, the background thread serves all of them: passing
// the loop from one to the next would cost a wake-up each time.
bool io_loop::begin_drive() noexcept
{
    const std::lock_guard lock(drivers_);
    if (driving_ || sleepers_ != 0 || is_stopped())
    {
        ++sleepers_;
        if (!driving_)
            leave_to_background();
        return false;
    }
    driving_ = true;
    ++drives_;
    gate_.close();
    return true;
}

void io_loop::end_drive() noexcept
{
    const std::lock_guard lock(drivers_);
    driving_ = false;
    if (sleepers_ != 0 || async_waiters_.load(std::memory_order_relaxed) != 0)
        return leave_to_background();
    if (std::exchange(taking_back_, true))
        return;
    try
    {
        asio::post(executor_, [this] {
            const std::lock_guard own(drivers_);
            take_back_later();
        });
    }
    catch (const std::exception&)
    {
        taking_back_ = false;
        leave_to_background();
    }
}

void io_loop::serve_async_waiters() noexcept
{
    const std::lock_guard lock(drivers_);
    if (!driving_ && !is_stopped() && !gate_.is_open())
        leave_to_background();
}

void io_loop::finish_handlers() noexcept
{
    if (is_driven_by_this_thread() || is_stopped())
        return;
    thread_signal done;
    try
    {
        asio::post(io_, [&done] { done.set(); });
    }
    catch (const std::exception&)
    {
        return;  // stop() runs them
    }
    done.wait();
}

void io_loop::end_sleep() noexcept
{
    const std::lock_guard lock(drivers_);
    --sleepers_;
}

thread_signal::result io_loop::drive(
    thread_signal& signal, thread_signal::time_point limit, descriptor_sleep* beside) noexcept
{
    held_signals signals;
    if (serves_others_)
        signals.hold();
    if (busy_poll_.count() != 0 && beside == nullptr && poll_busily(signal, limit, signals))
        return thread_signal::result::interrupted;
    descriptor_watch::batch found;
    bool more = turn_.has_rest();
    auto result = thread_signal::result::set;
    for (bool is_first_turn = true; signal.begin_driving(); is_first_turn = false)
    {
        const auto timeout = more ? std::chrono::nanoseconds{0} : time_until(limit);
        const auto outcome = beside != nullptr
            ? wait_beside(*beside, found, timeout, signals.mask())
            : watch_.wait(found, timeout, signals.mask());
        signal.end_driving();
        more = deliver_fairly(found, more);
        if (signal.is_set() || (beside != nullptr && beside->is_ready()))
        {
            serves_others_ = serves_others_ && !is_first_turn;
            break;
        }
        if (outcome == descriptor_watch::outcome::interrupted || signals.run_due())
            result = thread_signal::result::interrupted;
        else if (is_over(limit))
            result = thread_signal::result::timed_out;
        if (result != thread_signal::result::set)
            break;
        // What was ready was for others. Until then nothing is held: a call whose message comes at once pays nothing.
        signals.hold();
        serves_others_ = true;
    }
    return result;
}

descriptor_watch::outcome io_loop::wait_beside(descriptor_sleep& beside,
    descriptor_watch::batch& found, std::optional<std::chrono::nanoseconds> timeout,
    const sigset_t* mask) noexcept
{
    const auto how = beside.wait(timeout, mask);
    if (how == descriptor_sleep::outcome::driven)
        return watch_.wait(found, std::chrono::nanoseconds{0});
    found.clear();
    return how == descriptor_sleep::outcome::interrupted ? descriptor_watch::outcome::interrupted
                                                         : descriptor_watch::outcome::timed_out;
}

// Sessions that have not read or written everything in their share of a turn go on after others that
// became ready meanwhile. True if there are such. A driver that leaves them is expected back: so
// messages do not pile up that it takes one by one.
bool io_loop::deliver_fairly(const descriptor_watch::batch& found, bool more) noexcept
{
    if (found.empty() && !more)
        return false;
    return turn_.take_for([&] { watch_.deliver(found); });
}

// True when a signal handler ran meanwhile, and nothing else happened.
bool io_loop::poll_busily(
    thread_signal& signal, thread_signal::time_point limit, held_signals& signals) noexcept
{
    const auto now = std::chrono::steady_clock::now();
    const auto end = std::min(limit, now + busy_poll_);
    descriptor_watch::batch found;
    bool more = turn_.has_rest();
    while (!signal.is_set() && std::chrono::steady_clock::now() < end)
    {
        signals.hold();
        (void)watch_.wait(found, std::chrono::nanoseconds{0});
        more = deliver_fairly(found, more);
        if (signals.run_due())
            return !signal.is_set();
    }
    return false;
}

void io_loop::look() noexcept
{
    write_floods();
    {
        const std::lock_guard lock(drivers_);
        if (driving_ || gate_.is_open() || is_stopped() || turn_.is_mine())
            return;
        driving_ = true;
        ++drives_;
    }
    descriptor_watch::batch found;
    const bool more = turn_.has_rest();
    (void)watch_.wait(found, std::chrono::nanoseconds{0});
    (void)deliver_fairly(found, more);
    end_drive();
}

void io_loop::drive_for_a_moment(std::size_t octets) noexcept
{
    const auto began = std::chrono::steady_clock::now();
    const auto end = began + longest_pace + 2 * std::chrono::nanoseconds(octets);
    {
        const std::lock_guard lock(drivers_);
        if (driving_ || sleepers_ != 0 || is_stopped() || turn_.is_mine() || began < pace_again_)
            return;
        driving_ = true;
        ++drives_;
        gate_.close();
    }
    descriptor_watch::batch found;
    bool more = turn_.has_rest();
    bool in_vain = false;
    while (!in_vain && (more || blocked_.load(std::memory_order_relaxed) != 0))
    {
        const auto outcome =
            watch_.wait(found, more ? std::chrono::nanoseconds{0} : time_until(end));
        more = deliver_fairly(found, more);
        if (outcome == descriptor_watch::outcome::interrupted)
            break;
        in_vain = std::chrono::steady_clock::now() >= end;
    }
    {
        const std::lock_guard lock(drivers_);
        pause_ = in_vain ? std::clamp(2 * pause_, shortest_pause, longest_pause) : shortest_pause;
        if (in_vain)
            pace_again_ = end + pause_;
    }
    end_drive();
}

// Before a thread waits, what it sent is on its way.
void io_loop::write_floods() noexcept
{
    if (floods_.is_calm() || !turn_.try_take())
        return;
    floods_.look_after_all();
    turn_.give_back();
}

void io_loop::serve_others() noexcept
{
    {
        const std::lock_guard lock(drivers_);
        if (driving_ || gate_.is_open())
            return;
    }
    serve_watch();
}

// --- the background thread ---------------------------------------------------------------------------

void io_loop::serve_watch() noexcept
{
    descriptor_watch::batch found;
    do
    {
        (void)watch_.wait(found, std::chrono::nanoseconds{0});
        if (found.was_interrupted())
        {
            // Meant for a thread that drives, if there is one by now.
            const std::lock_guard lock(drivers_);
            if (driving_)
                watch_.interrupt();
        }
        watch_.deliver(found);
    }
    while (found.is_full());
}

void io_loop::take_back_later()
{
    try
    {
        take_back_.expires_after(take_back_after);
        take_back_.async_wait([this](std::error_code cancelled) {
            if (!cancelled)
                on_take_back();
        });
    }
    catch (const std::exception&)
    {
        taking_back_ = false;
        leave_to_background();
    }
}

void io_loop::on_take_back()
{
    const std::lock_guard lock(drivers_);
    if (driving_)
    {
        taking_back_ = false;  // the driver says so anew when it leaves
        return;
    }
    if (std::exchange(drives_seen_, drives_) != drives_)
        return take_back_later();
    taking_back_ = false;
    leave_to_background();
}

void io_loop::leave_to_background() noexcept
{
    gate_.open();
    if (!turn_.release_rest())
        return;
    try
    {
        asio::post(io_, [this] { take_turn(); });
    }
    catch (const std::exception&)
    {
        return;  // the next one in the turn does it
    }
}

void io_loop::take_turn() noexcept
{
    if (turn_.try_take())
        turn_.give_back();
}

void io_loop::relieve() noexcept
{
    try
    {
        asio::post(io_, [this] { take_turn(); });
    }
    catch (const std::exception&)
    {
        std::this_thread::yield();
        take_turn();
    }
}

}  // namespace ferry::detail
