#include "patterns/pubsub/subscription_frames.hpp"

#include "tests/support/catch.hpp"

using namespace ferry;
using namespace ferry::patterns;

namespace
{

/// What is found in `m`, as "+topic" and "-topic", and what is left of it.
std::pair<std::string, message> extract(message m, later_frames rule)
{
    std::string found;
    extract_subscriptions(m, rule, [&](const subscription_change& change) {
        found += (change.subscribe ? "+" : "-") + std::string(change.topic);
    });
    return {found, std::move(m)};
}

}  // namespace

TEST_CASE("01 and 00 start a subscription frame, nothing else does (RFC 29)")
{
    for (int first = 0; first < 256; ++first)
    {
        const std::string text = std::string(1, static_cast<char>(first)) + "topic";
        const auto [found, rest] = extract(text, later_frames::all);
        CHECK(found == (first == 0 ? "-topic" : first == 1 ? "+topic" : ""));
        CHECK(rest.empty() == (first <= 1));
    }
    CHECK_FALSE(parse_subscription_frame(frame_view()));
}

TEST_CASE("a subscription frame is what is parsed again")
{
    const message frame = subscription_frame(true, std::string(100, 'x'));
    const auto change = parse_subscription_frame(frame.front());
    REQUIRE(change);
    CHECK(change->subscribe);
    CHECK(change->topic == std::string(100, 'x'));
}

TEST_CASE("which frames are examined follows the rule, for every arrangement of four frames")
{
    for (unsigned arrangement = 0; arrangement < 16; ++arrangement)
        for (const auto rule :
            {later_frames::all, later_frames::behind_a_subscription, later_frames::none})
        {
            message m;
            std::string expected_found;
            message expected_rest;
            for (unsigned i = 0; i < 4; ++i)
            {
                const bool subscription = (arrangement >> i & 1) != 0;
                const std::string text = (subscription ? "\1" : "x") + std::to_string(i);
                m.append(text);
                const bool examined = i == 0 || rule == later_frames::all ||
                    (rule == later_frames::behind_a_subscription && (arrangement & 1) != 0);
                if (subscription && examined)
                    expected_found += "+" + std::to_string(i);
                else
                    expected_rest.append(text);
            }
            const auto [found, rest] = extract(m, rule);
            CHECK(found == expected_found);
            CHECK(rest == expected_rest);
        }
}
