#include "engine/descriptor_sleep.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>

#if defined(__linux__)
#include <sys/eventfd.h>
#include <unistd.h>
#endif

namespace ferry::detail
{

namespace
{

// Where there is no descriptor to be woken by, the thread looks that often.
constexpr std::chrono::milliseconds nap{10};

std::optional<std::chrono::nanoseconds> time_until(thread_signal::time_point limit) noexcept
{
    if (limit == thread_signal::time_point::max())
        return {};
    return std::max<std::chrono::nanoseconds>(
        limit - std::chrono::steady_clock::now(), std::chrono::nanoseconds{0});
}

#if defined(__linux__)

transports::socket_handle make_wake_up() noexcept
{
    return transports::socket_handle(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

void wake_up(int descriptor) noexcept
{
    (void)::eventfd_write(descriptor, 1);
}

int sleep_for(std::vector<pollfd>& all, const std::optional<std::chrono::nanoseconds>& timeout,
    const sigset_t* mask) noexcept
{
    if (!timeout)
        return ::ppoll(all.data(), all.size(), nullptr, mask);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*timeout);
    const timespec limit{
        static_cast<std::time_t>(seconds.count()), static_cast<long>((*timeout - seconds).count())};
    return ::ppoll(all.data(), all.size(), &limit, mask);
}

#else

// TODO(port): a pipe instead; ppoll where there is one.
transports::socket_handle make_wake_up() noexcept
{
    return {};
}
void wake_up(int) noexcept {}
int sleep_for(std::vector<pollfd>& all, const std::optional<std::chrono::nanoseconds>& timeout,
    const sigset_t*) noexcept
{
    using std::chrono::milliseconds;
    const auto rounded = std::chrono::ceil<milliseconds>(timeout.value_or(nap));
    return ::poll(all.data(), all.size(), static_cast<int>(std::min(rounded, nap).count()));
}

#endif

}  // namespace

bool look_at(std::span<pollfd> descriptors, std::error_code& error) noexcept
{
    if (descriptors.empty())
        return false;
    const int ready = ::poll(descriptors.data(), descriptors.size(), 0);
    if (ready < 0)
        error = transports::last_system_error();
    return ready > 0;
}

descriptor_sleep::descriptor_sleep(std::span<pollfd> descriptors)
    : descriptors_(descriptors), all_(1 + descriptors.size(), pollfd{-1, POLLIN, 0})
{
    std::copy(descriptors.begin(), descriptors.end(), all_.begin() + 1);
}

void descriptor_sleep::drive(int descriptor, wait_interrupter& who) noexcept
{
    all_.front().fd = descriptor;
    driven_ = &who;
}

void descriptor_sleep::interrupt() noexcept
{
    if (driven_ != nullptr)
        driven_->interrupt();
    else
        wake_up(own_.get());
}

descriptor_sleep::outcome descriptor_sleep::wait(
    std::optional<std::chrono::nanoseconds> timeout, const sigset_t* mask) noexcept
{
    is_ready_ = false;
    const int ready = sleep_for(all_, timeout, mask);
    if (ready < 0)
        return errno == EINTR ? outcome::interrupted : outcome::timed_out;
    if (ready == 0)
        return outcome::timed_out;
    const bool is_woken = all_.front().revents != 0;
    is_ready_ = ready > (is_woken ? 1 : 0);
    if (is_ready_)
        take_over();
    return is_woken && driven_ != nullptr ? outcome::driven : outcome::woken;
}

void descriptor_sleep::take_over() noexcept
{
    auto found = all_.begin();
    for (pollfd& each : descriptors_)
        each.revents = (++found)->revents;
}

thread_signal::result descriptor_sleep::wait_until(
    thread_signal& signal, thread_signal::time_point limit) noexcept
{
    own_ = make_wake_up();
    all_.front().fd = own_.get();
    while (signal.begin_driving())
    {
        auto timeout = time_until(limit);
        if (!own_)
            timeout = std::min<std::chrono::nanoseconds>(timeout.value_or(nap), nap);
        const outcome how = wait(timeout, nullptr);
        signal.end_driving();
        if (signal.is_set() || is_ready_)
            break;
        if (how == outcome::interrupted)
            return thread_signal::result::interrupted;
        if (limit != thread_signal::time_point::max() && std::chrono::steady_clock::now() >= limit)
            return thread_signal::result::timed_out;
    }
    return thread_signal::result::set;
}

}  // namespace ferry::detail
