// next_messages beside next: whole messages as they lie there, and what is not among them.
#include "protocol/frame_decoder.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/received_runs.hpp"

using namespace ferry::protocol;
using namespace ferry::test;
using ferry::message;

namespace
{

constexpr std::uint32_t any_number = UINT32_MAX;

octet_vector long_frame(unsigned flags, std::size_t size)
{
    return join(integer(flags | 2, 1), integer(size, 8), octets_of(std::string(size, 'x')));
}

struct item
{
    decoded_kind kind;
    message body;
    friend bool operator==(const item&, const item&) = default;
};

struct outcome
{
    std::vector<item> items;
    std::error_code error;
    friend bool operator==(const outcome&, const outcome&) = default;
};

/// `most`: 0 to take all by next().
outcome decode(
    frame_decoder decoder, std::span<const std::byte> whole, std::size_t piece, std::uint32_t most)
{
    outcome result;
    for (std::size_t at = 0; at < whole.size() && !result.error; at += piece)
    {
        const auto part = whole.subspan(at, std::min(piece, whole.size() - at));
        const octet_vector copy(part.begin(), part.end());
        decoder.receive(copy);
        for (bool done = false; !done;)
        {
            const whole_messages run = decoder.next_messages(most);
            CHECK(run.count <= most);
            if (run.count != 0)
                for (message& m : messages_of(run.octets, run.count))
                    result.items.push_back({decoded_kind::message, std::move(m)});
            decoded d;
            switch (decoder.next(d))
            {
            case decoded_kind::none: done = true; break;
            case decoded_kind::error:
                result.error = d.error;
                done = true;
                break;
            default: result.items.push_back({d.kind, std::move(d.body)});
            }
        }
    }
    return result;
}

/// Whether runs of any length, of pieces of any size, tell what next() tells.
void check_alike(const octet_vector& stream, decoder_limits limits = {})
{
    const frame_decoder decoder(framing::zmtp_2, limits);
    const outcome expected = decode(decoder, stream, stream.size(), 0);
    for (const std::size_t piece : {stream.size(), std::size_t{1}, std::size_t{7}, std::size_t{11},
             std::size_t{64}, std::size_t{300}})
        for (const std::uint32_t most : {1U, 2U, 5U, any_number})
            CHECK(decode(decoder, stream, piece, most) == expected);
}

const octet_vector many_kinds =
    join(frame(0, "hi"), frame(1, "a"), frame(1, ""), frame(0, "b"), command("PING"), frame(0, ""),
        long_frame(0, 1), octets("f8 01 67"), long_frame(0, 50), long_frame(0, 51), frame(1, "c"),
        command("PONG"), frame(0, "d"), long_frame(0, 255), long_frame(0, 256), long_frame(0, 2047),
        long_frame(0, 2048), long_frame(0, 2049), frame(0, "e"), frame(0, std::string(255, 'y')));

}  // namespace

TEST_CASE("messages that lie there whole come at once, and what follows is left")
{
    const auto whole = join(frame(0, "hi"), frame(0, ""), long_frame(0, 300));
    const auto all = join(whole, frame(1, "part of more"), frame(0, "end"));
    frame_decoder decoder;
    decoder.receive(all);
    const whole_messages run = decoder.next_messages(any_number);
    CHECK(run.count == 3);
    CHECK(run.octets.data() == all.data());
    CHECK(run.octets.size() == whole.size());
    CHECK(decoder.unconsumed().size() == all.size() - whole.size());
    CHECK(decoder.next_messages(any_number).count == 0);
    decoded d;
    CHECK(decoder.next(d) == decoded_kind::message);
    CHECK(d.body == message::of("part of more", "end"));
}

TEST_CASE("no more messages come at once than were asked for")
{
    const auto all = join(frame(0, "first"), frame(0, "second"), frame(0, "third"));
    frame_decoder decoder;
    decoder.receive(all);
    CHECK(decoder.next_messages(0).count == 0);
    CHECK(decoder.unconsumed().size() == all.size());
    CHECK(decoder.next_messages(2).count == 2);
    CHECK(decoder.unconsumed().size() == frame(0, "third").size());
    CHECK(decoder.next_messages(2).count == 0);  // what may be less than a long header
    decoded d;
    CHECK(decoder.next(d) == decoded_kind::message);
    CHECK(d.body == message("third"));
}

TEST_CASE("runs tell what single messages tell, wherever the stream is cut")
{
    check_alike(many_kinds);
    check_alike(join(many_kinds, many_kinds));
}

TEST_CASE("limits count for messages in runs as for others")
{
    for (const std::uint64_t limit : {0, 1, 49, 50, 254, 255, 256, 2047, 2048, 2049, 5000})
    {
        check_alike(many_kinds, {limit, UINT64_MAX, SIZE_MAX});
        check_alike(many_kinds, {UINT64_MAX, limit, SIZE_MAX});
    }
    check_alike(many_kinds, {UINT64_MAX, UINT64_MAX, 0});
    check_alike(many_kinds, {UINT64_MAX, UINT64_MAX, 1});
    check_alike(many_kinds, {UINT64_MAX, UINT64_MAX, 3});
}

TEST_CASE("illegal headers behind messages end the stream, and the messages come")
{
    for (const auto& illegal : {octets("05 00"), octets("02 ff*8"), octets("02 80 00*7 00"),
             octets("07 00*8 01 61"), octets("02 7f ff*7")})
        check_alike(join(frame(0, "before"), long_frame(0, 60), illegal, frame(0, "after")));
}

TEST_CASE("there are no runs in a handshake, of ZMTP 1.0, in a message, nor after an error")
{
    const auto messages = join(frame(0, "aaaaaaaaaa"), frame(0, "bbbbbbbbbb"));
    decoded d;

    frame_decoder shaking_hands;
    shaking_hands.set_frame_by_frame(true);
    shaking_hands.receive(messages);
    CHECK(shaking_hands.next_messages(any_number).count == 0);
    shaking_hands.set_frame_by_frame(false);
    CHECK(shaking_hands.next_messages(any_number).count == 2);

    frame_decoder old(framing::zmtp_1, {});
    old.receive(messages);
    CHECK(old.next_messages(any_number).count == 0);

    for (const auto& begun : {frame(1, "more"), octets("02 00"), octets("00 05 61")})
    {
        frame_decoder in_message;
        in_message.receive(begun);
        CHECK(in_message.next(d) == decoded_kind::none);
        in_message.receive(messages);
        CHECK(in_message.next_messages(any_number).count == 0);
    }

    frame_decoder failed;
    const auto illegal = octets("05 00");
    failed.receive(illegal);
    CHECK(failed.next(d) == decoded_kind::error);
    failed.receive(messages);
    CHECK(failed.next_messages(any_number).count == 0);
}
