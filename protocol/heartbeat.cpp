#include "protocol/heartbeat.hpp"

#include <algorithm>
#include <utility>

namespace ferry::protocol
{

namespace
{

using deciseconds = std::chrono::duration<std::int64_t, std::deci>;

constexpr std::int64_t max_wire_ttl = 655;  // libzmq computes ttl * 100 in 16 bits
constexpr duration min_ping_spacing = std::chrono::milliseconds{10};

bool is_due(const std::optional<time_point>& deadline, time_point now) noexcept
{
    return deadline && *deadline <= now;
}

void take_earlier(std::optional<time_point>& earliest, const std::optional<time_point>& other)
{
    if (other && (!earliest || *other < *earliest))
        earliest = other;
}

// Far enough away is never; keeps the sum within what the clock can count.
std::optional<time_point> after(time_point now, duration wait) noexcept
{
    if (wait > time_point::max() - std::max(now, time_point{}))
        return std::nullopt;
    return now + wait;
}

}  // namespace

heartbeat::heartbeat(const heartbeat_options& options, time_point now)
    : options_(options), last_ping_(now)
{
    if (options_.timeout < duration::zero())
        options_.timeout = options_.interval;
    if (options_.interval > duration::zero())
        next_ping_ = after(now, options_.interval);
}

void heartbeat::on_received() noexcept
{
    give_up_.reset();
    ttl_ends_.reset();
}

void heartbeat::on_ping(std::uint16_t ttl_deciseconds, time_point now) noexcept
{
    note_ping_spacing(now);
    peer_ttl_ = deciseconds{ttl_deciseconds};
    ttl_ends_.reset();
    if (peer_ttl_ > duration::zero())
        ttl_ends_ = after(now, peer_ttl_);
}

// Several PINGs in one read, or after a pause, say nothing about the peer's interval.
void heartbeat::note_ping_spacing(time_point now) noexcept
{
    if (paused_)
        return;
    if (last_ping_ && now - *last_ping_ >= min_ping_spacing)
        ping_spacing_ = now - *last_ping_;
    if (!last_ping_ || now > *last_ping_)
        last_ping_ = now;
}

// PONGs come in the order of their PINGs.
void heartbeat::note_ping_sent(time_point now) noexcept
{
    if (unanswered_)
        ++sent_since_;
    else if (to_skip_ != 0)
        ++to_skip_;
    else
        unanswered_ = now;
}

std::optional<duration> heartbeat::on_pong(time_point now) noexcept
{
    if (!unanswered_)
    {
        to_skip_ -= to_skip_ != 0 ? 1 : 0;
        return std::nullopt;
    }
    const duration round_trip = now - *unanswered_;
    unanswered_.reset();
    to_skip_ = std::exchange(sent_since_, 0);
    return round_trip;
}

void heartbeat::set_reading_paused(bool paused, time_point now) noexcept
{
    if (paused == paused_)
        return;
    paused_ = paused;
    if (paused)
    {
        if (ping_spacing_ && last_ping_)
            next_pong_ = std::max(now, *last_ping_ + *ping_spacing_ / 2);
        last_ping_.reset();
        return;
    }
    next_pong_.reset();
    if (give_up_)
        give_up_ = after(now, options_.timeout);
    if (ttl_ends_)
        ttl_ends_ = after(now, peer_ttl_);
}

std::optional<time_point> heartbeat::deadline() const noexcept
{
    std::optional<time_point> earliest = next_ping_;
    take_earlier(earliest, next_pong_);
    if (!paused_)
    {
        take_earlier(earliest, give_up_);
        take_earlier(earliest, ttl_ends_);
    }
    return earliest;
}

heartbeat_action heartbeat::on_deadline(time_point now) noexcept
{
    if (!paused_ && (is_due(give_up_, now) || is_due(ttl_ends_, now)))
        return heartbeat_action::close;

    if (is_due(next_ping_, now))
    {
        next_ping_ = after(now, options_.interval);
        note_ping_sent(now);
        if (!give_up_ && options_.timeout > duration::zero())
            give_up_ = after(now, options_.timeout);
        return heartbeat_action::send_ping;
    }
    if (is_due(next_pong_, now))
    {
        next_pong_ = after(now, *ping_spacing_ / 2);
        return heartbeat_action::send_pong;
    }
    return heartbeat_action::none;
}

std::uint16_t heartbeat::wire_ttl() const noexcept
{
    const std::int64_t ttl = std::chrono::duration_cast<deciseconds>(options_.ttl).count();
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(ttl, 0, max_wire_ttl));
}

}  // namespace ferry::protocol
