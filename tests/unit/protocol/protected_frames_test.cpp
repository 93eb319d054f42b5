// Frames under protection in, messages and commands out.
#include "protocol/protected_frames.hpp"

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/pretend_security.hpp"

using namespace ferry;
using namespace ferry::protocol;
using namespace ferry::test;

namespace
{

struct rig
{
    explicit rig(decoder_limits limits = {}) : subject(protection, limits) {}

    decoded open(unsigned flags, std::string_view body)
    {
        decoded frame;
        frame.kind = decoded_kind::command;
        frame.body = message(std::span<const std::byte>(hidden(flags, octets_of(body))));
        subject.open(frame);
        return frame;
    }

    pretend_protection protection;
    protected_frames subject;
};

}  // namespace

TEST_CASE("a protected frame is a message, a command, or part of a message by what is inside")
{
    rig r;
    const decoded whole = r.open(0, "whole");
    CHECK(whole.kind == decoded_kind::message);
    CHECK(whole.body == message("whole"));

    CHECK(r.open(1, "a").kind == decoded_kind::none);
    const decoded between = r.open(2, "a command");
    CHECK(between.kind == decoded_kind::command);
    CHECK(between.body == message("a command"));
    CHECK(r.open(1, "").kind == decoded_kind::none);
    const decoded parts = r.open(0, "c");
    CHECK(parts.kind == decoded_kind::message);
    CHECK(parts.body == message::of("a", "", "c"));
}

TEST_CASE("a frame that does not open is an error")
{
    rig r;
    decoded frame;
    frame.kind = decoded_kind::command;
    frame.body = message("");
    r.subject.open(frame);

    CHECK(frame.kind == decoded_kind::error);
    CHECK(frame.error == protocol_errc::malformed_command);
}

TEST_CASE("limits count what is inside: frames, octets of one, octets of all")
{
    rig size_of_frame({.max_frame_size = 3});
    CHECK(size_of_frame.open(0, "123").kind == decoded_kind::message);
    CHECK(size_of_frame.open(0, "1234").error == protocol_errc::frame_too_large);

    rig size_of_message({.max_message_size = 3});
    CHECK(size_of_message.open(1, "12").kind == decoded_kind::none);
    CHECK(size_of_message.open(0, "3").kind == decoded_kind::message);
    CHECK(size_of_message.open(1, "12").kind == decoded_kind::none);
    CHECK(size_of_message.open(0, "34").error == protocol_errc::message_too_large);

    rig frames({.max_message_frames = 2});
    CHECK(frames.open(1, "").kind == decoded_kind::none);
    CHECK(frames.open(1, "").kind == decoded_kind::none);
    CHECK(frames.open(0, "").error == protocol_errc::too_many_frames);
}

TEST_CASE("the decoder outside allows for what protection adds")
{
    CHECK(rig({.max_frame_size = 100}).subject.outer_limits().max_frame_size == 101);
    CHECK(rig().subject.outer_limits().max_frame_size == UINT64_MAX);
}
