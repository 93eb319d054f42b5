#include "transports/descriptor_watch.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#if defined(__linux__)
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ctime>
#endif

namespace ferry::transports
{

asio::execution_context::id descriptor_watch::id;

#if defined(__linux__)

namespace
{

constexpr std::uint32_t no_slot = UINT32_MAX;  // the alarm's

std::uint64_t to_data(descriptor_watch::registration who) noexcept
{
    return std::uint64_t{who.generation} << 32 | who.slot;
}

descriptor_watch::registration to_registration(std::uint64_t data) noexcept
{
    return {static_cast<std::uint32_t>(data), static_cast<std::uint32_t>(data >> 32)};
}

std::error_code control(int set, int operation, int descriptor, std::uint64_t data) noexcept
{
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = data;
    const int result = ::epoll_ctl(set, operation, descriptor, &event);
    return result == 0 ? std::error_code{} : last_system_error();
}

// Before Linux 5.11 the system counts in milliseconds only; rounded up, so that nobody spins.
int wait_coarsely(
    int set, epoll_event* events, int size, std::chrono::nanoseconds timeout, const sigset_t* mask)
{
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
    return ::epoll_pwait(
        set, events, size, static_cast<int>(std::min<decltype(rounded)>(rounded, 3'600'000)), mask);
}

int wait_for(int set, epoll_event* events, int size,
    const std::optional<std::chrono::nanoseconds>& timeout, const sigset_t* mask) noexcept
{
    if (!timeout)
        return ::epoll_pwait(set, events, size, -1, mask);
    if (timeout->count() <= 0)
        return ::epoll_wait(set, events, size, 0);
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 35)
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*timeout);
    const timespec limit{
        static_cast<std::time_t>(seconds.count()), static_cast<long>((*timeout - seconds).count())};
    const int count = ::epoll_pwait2(set, events, size, &limit, mask);
    if (count >= 0 || errno == EINTR)
        return count;
        // Not there, or not allowed.
#endif
#endif
    return wait_coarsely(set, events, size, *timeout, mask);
}

}  // namespace

descriptor_watch::descriptor_watch(asio::execution_context& owner)
    : service(owner), poll_set_(::epoll_create1(EPOLL_CLOEXEC)),
      alarm_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    std::error_code error;
    if (!poll_set_ || !alarm_)
        error = last_system_error();
    else
        error = control(poll_set_.get(), EPOLL_CTL_ADD, alarm_.get(), to_data({no_slot, 0}));
    if (error)
        throw std::system_error(error, "cannot watch descriptors");
}

descriptor_watch::~descriptor_watch() = default;

std::error_code descriptor_watch::add(int descriptor, target& whom, registration& out)
{
    if (free_slots_.empty())
    {
        // The place to give it back to is made now: remove() must not fail.
        free_slots_.reserve(slots_.size() + 1);
        slots_.push_back({});
        free_slots_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
    }
    const std::uint32_t place = free_slots_.back();
    const registration who{place, slots_[place].generation};
    if (const auto error = control(poll_set_.get(), EPOLL_CTL_ADD, descriptor, to_data(who)))
        return error;
    free_slots_.pop_back();
    slots_[place].whom = &whom;
    out = who;
    return {};
}

descriptor_watch::target* descriptor_watch::find(registration who) const noexcept
{
    if (who.slot >= slots_.size() || slots_[who.slot].generation != who.generation)
        return nullptr;
    return slots_[who.slot].whom;
}

void descriptor_watch::remove(int descriptor, registration who) noexcept
{
    if (find(who) == nullptr)
        return;
    (void)control(poll_set_.get(), EPOLL_CTL_DEL, descriptor, 0);
    slots_[who.slot].whom = nullptr;
    ++slots_[who.slot].generation;
    free_slots_.push_back(who.slot);
}

descriptor_watch::outcome descriptor_watch::wait(
    batch& found, std::optional<std::chrono::nanoseconds> timeout, const sigset_t* mask) noexcept
{
    std::array<epoll_event, std::tuple_size_v<decltype(batch::found_)>> events;
    const int count =
        wait_for(poll_set_.get(), events.data(), static_cast<int>(events.size()), timeout, mask);
    found.count_ = 0;
    found.interrupted_ = false;
    if (count < 0)
        return errno == EINTR ? outcome::interrupted : outcome::timed_out;
    if (count == 0)
        return outcome::timed_out;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    {
        found.found_[i] = {to_registration(events[i].data.u64), events[i].events};
        found.interrupted_ = found.interrupted_ || found.found_[i].who.slot == no_slot;
    }
    found.count_ = static_cast<std::size_t>(count);
    return outcome::ready;
}

void descriptor_watch::deliver(const batch& found) noexcept
{
    for (std::size_t i = 0; i < found.count_; ++i)
    {
        const auto& [who, events] = found.found_[i];
        const bool ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        target* whom = find(who);
        if (whom != nullptr && (ended || (events & EPOLLIN) != 0))
        {
            whom->on_readable(ended);
            whom = find(who);
        }
        if (whom != nullptr && (ended || (events & EPOLLOUT) != 0))
            whom->on_writable(ended);
    }
}

void descriptor_watch::interrupt() noexcept
{
    const std::uint64_t one = 1;
    // Every write counts as new readiness: nobody needs to read it back.
    [[maybe_unused]] const auto written = ::write(alarm_.get(), &one, sizeof one);
}

void descriptor_watch::shutdown() noexcept
{
    for (std::size_t i = 0; i < slots_.size(); ++i)
    {
        ++slots_[i].generation;
        if (target* whom = std::exchange(slots_[i].whom, nullptr))
            whom->on_abandoned();
    }
}

#else

descriptor_watch::descriptor_watch(asio::execution_context& owner) : service(owner) {}
descriptor_watch::~descriptor_watch() = default;
std::error_code descriptor_watch::add(int, target&, registration&)
{
    return std::make_error_code(std::errc::not_supported);
}
descriptor_watch::target* descriptor_watch::find(registration) const noexcept
{
    return nullptr;
}
void descriptor_watch::remove(int, registration) noexcept {}
descriptor_watch::outcome descriptor_watch::wait(
    batch& found, std::optional<std::chrono::nanoseconds>, const sigset_t*) noexcept
{
    found.count_ = 0;
    return outcome::timed_out;
}
void descriptor_watch::deliver(const batch&) noexcept {}
void descriptor_watch::interrupt() noexcept {}
void descriptor_watch::shutdown() noexcept {}

#endif

}  // namespace ferry::transports
