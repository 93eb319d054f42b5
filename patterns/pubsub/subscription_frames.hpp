// Subscriptions in the form of message frames: 01 or 00, then the topic. RFC 29 "XSUB".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ferry/detail/message_access.hpp>

namespace ferry::patterns
{

/// What a frame or a record asks for.
struct subscription_change
{
    bool subscribe;
    std::string_view topic;
};

[[nodiscard]] inline std::optional<subscription_change> parse_subscription_frame(
    frame_view frame) noexcept
{
    const std::string_view text = frame.text();
    if (text.empty() || static_cast<unsigned char>(text.front()) > 1)
        return std::nullopt;
    return subscription_change{text.front() == '\1', text.substr(1)};
}

[[nodiscard]] inline message subscription_frame(bool subscribe, std::string_view topic)
{
    std::string text(1, subscribe ? '\1' : '\0');
    text += topic;
    return message::adopt(std::move(text));
}

/// Which frames behind the first one may be subscriptions too.
enum class later_frames : std::uint8_t
{
    all,
    behind_a_subscription,
    none,
};

/// Calls `visit(change)` for every frame of `m` that is a subscription; the others stay in `m`.
template <class Visit>
void extract_subscriptions(message& m, later_frames rule, Visit visit)
{
    message rest;
    bool found = false;
    bool examined = true;
    for (std::size_t i = 0, count = m.size(); i < count; ++i)
    {
        const auto change = examined ? parse_subscription_frame(m[i]) : std::nullopt;
        if (change && !found && i != 0)
            rest = m.slice(0, i);
        if (change)
            visit(*change);
        else if (found)
            rest.append(m.slice(i, 1));
        found = found || change.has_value();
        if (rule == later_frames::none || (rule == later_frames::behind_a_subscription && !found))
        {
            if (!found)
                return;  // data from front to back: the usual case
            examined = false;
        }
    }
    if (!found)
        return;
    detail::message_access::set_peer(rest, m.peer());
    m = std::move(rest);
}

}  // namespace ferry::patterns
