#include "engine/flood_watch.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace ferry::detail
{

namespace
{

// A flood: this many writes in a row, and most of the time spent in them.
constexpr unsigned least_writes = 8;
constexpr std::chrono::microseconds longest_view{1000};
constexpr int flood_percent = 60;
// A sender that does not run for so long may only have lost its processor to others.
constexpr unsigned ticks_of_ebb = 32;
// About what a sender needs to write one message by itself.
constexpr std::chrono::microseconds cost_of_a_write{2};

}  // namespace

bool flood_watch::is_flood(clock::time_point began, clock::time_point ended) noexcept
{
    if (writes_ == 0 || ended - since_ > longest_view)
    {
        since_ = began;
        writing_ = {};
        writes_ = 0;
    }
    writing_ += ended - began;
    if (++writes_ < least_writes)
        return false;
    return writing_ * 100 > (ended - since_) * flood_percent;
}

void flood_watch::add(const std::shared_ptr<watched_session>& session)
{
    if (sessions_.empty())
        ebbing_ = 0;
    sessions_.push_back(session);
    calm_.store(false, std::memory_order_relaxed);
    if (!ticking_ && !stopped_)
        tick_later();
}

void flood_watch::remove(const watched_session& session) noexcept
{
    std::erase_if(sessions_, [&session](const auto& each) { return each.get() == &session; });
    calm_.store(sessions_.empty(), std::memory_order_relaxed);
}

void flood_watch::look_after_all(bool only_if_idle) noexcept
{
    // By index: a session that ends removes itself meanwhile.
    const watched_session::look at{only_if_idle, clock::now()};
    for (std::size_t i = 0; i < sessions_.size(); ++i)
    {
        const auto session = sessions_[i];
        session->look_after(at);
    }
}

void flood_watch::stop() noexcept
{
    stopped_ = true;
    ticks_.cancel();
    end_all();
}

void flood_watch::tick_later()
{
    ticks_.expires_after(interval);
    ticks_.async_wait([this](std::error_code cancelled) {
        if (cancelled)
            return;
        ticking_ = false;
        if (!stopped_)
            on_tick();
    });
    ticking_ = true;
}

void flood_watch::on_tick()
{
    look_after_all(true);
    const bool ebbs = std::exchange(messages_, 0) * cost_of_a_write < interval / 2;
    ebbing_ = ebbs ? ebbing_ + 1 : 0;
    if (ebbing_ == ticks_of_ebb)
        end_all();
    if (sessions_.empty() || ticking_)
        return;
    try
    {
        tick_later();
    }
    catch (const std::exception&)
    {
        end_all();  // without ticks, senders must wake their sessions
    }
}

void flood_watch::end_all() noexcept
{
    writes_ = 0;
    ebbing_ = 0;
    calm_.store(true, std::memory_order_relaxed);
    for (const auto& session : std::exchange(sessions_, {}))
        session->watch_ended();
}

}  // namespace ferry::detail
