// Messages at every boundary between the ways of keeping frames, and their frames as strings.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <ferry/message.hpp>

#include "tests/support/catch.hpp"

namespace ferry::test
{

/// Around every boundary at which a message changes its way of keeping frames.
inline const std::vector<std::size_t> interesting_sizes{
    0, 1, 30, 31, 32, 49, 50, 51, 52, 64, 1000, 70'000};

inline std::string body_of(std::size_t size)
{
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>('a' + (i + size) % 26);
    return text;
}

inline std::vector<std::string> frames_of(const message& m)
{
    std::vector<std::string> frames;
    for (const ferry::frame_view frame : m)
        frames.push_back(frame.string());
    return frames;
}

inline message message_of(const std::vector<std::string>& frames)
{
    message m;
    for (const std::string& frame : frames)
        m.append(frame);
    return m;
}

inline void check_is(const message& m, const std::vector<std::string>& frames)
{
    CHECK(frames_of(m) == frames);
    CHECK(m.size() == frames.size());
    CHECK(m.empty() == frames.empty());
    std::size_t octets = 0;
    for (std::size_t i = 0; i < frames.size(); ++i)
    {
        CHECK(m[i] == frames[i]);
        octets += frames[i].size();
    }
    CHECK(m.size_octets() == octets);
    CHECK(m[frames.size()].data() == nullptr);
}

/// Messages of every kind, and at every boundary between kinds.
inline std::vector<std::vector<std::string>> interesting_messages()
{
    std::vector<std::vector<std::string>> all{
        {},
        {""},
        {"", ""},
        std::vector<std::string>(51),
        std::vector<std::string>(52),
        {"id", "", "body"},
        {body_of(24), body_of(25)},
        {body_of(24), body_of(26)},
        {body_of(5), "", body_of(64)},
        {body_of(5), body_of(40), body_of(50)},
        {body_of(26), body_of(64)},
        {body_of(27), body_of(64)},
        {body_of(17), "", body_of(7), body_of(51)},
        {body_of(17), "", body_of(8), body_of(51)},
        {body_of(5), "", body_of(64), ""},
        {body_of(64), body_of(64)},
        {body_of(32), body_of(40), body_of(31), ""},
        std::vector<std::string>(300, "x"),
    };
    for (const std::size_t empty_frames : {26, 27, 28})
    {
        all.emplace_back(empty_frames);
        all.back().push_back(body_of(60));
    }
    for (const std::size_t size : interesting_sizes)
    {
        all.push_back({body_of(size)});
        all.push_back({body_of(size), "y"});
        all.push_back({"x", body_of(size)});
    }
    return all;
}

}  // namespace ferry::test
