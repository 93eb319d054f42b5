#include "protocol/frame_decoder.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"
#include "tests/unit/protocol/allocation_count.hpp"

using namespace ferry::protocol;
using ferry::errc;
using ferry::message;
using ferry::protocol_errc;
using ferry::test::allocation_count;
using ferry::test::failing_allocations;
using ferry::test::octet_vector;
using ferry::test::octets;
using ferry::test::octets_of;

namespace
{

octet_vector operator+(const octet_vector& left, const octet_vector& right)
{
    return ferry::test::join(left, right);
}

struct item
{
    decoded_kind kind;
    message body;
    friend bool operator==(const item&, const item&) = default;
};

/// All that `decoder` has to say now; the last element is an error if it ended with one.
void drain(frame_decoder& decoder, std::vector<item>& out, std::error_code& error)
{
    decoded d;
    for (;;)
        switch (decoder.next(d))
        {
        case decoded_kind::none: return;
        case decoded_kind::error: error = d.error; return;
        case decoded_kind::message:
        case decoded_kind::command: out.push_back({d.kind, std::move(d.body)});
        }
}

struct outcome
{
    std::vector<item> items;
    std::error_code error;
    friend bool operator==(const outcome&, const outcome&) = default;
};

/// Feeds `whole` to a decoder, cut at each of `cuts` (ascending).
outcome decode(frame_decoder decoder, std::span<const std::byte> whole,
    const std::vector<std::size_t>& cuts = {})
{
    outcome result;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= cuts.size() && !result.error; ++i)
    {
        const std::size_t to = i < cuts.size() ? cuts[i] : whole.size();
        const octet_vector part(
            whole.begin() + std::ptrdiff_t(from), whole.begin() + std::ptrdiff_t(to));
        decoder.receive(part);
        drain(decoder, result.items, result.error);
        from = to;
    }
    return result;
}

std::vector<std::size_t> every_octet(std::size_t size)
{
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < size; ++i)
        cuts.push_back(i);
    return cuts;
}

frame_decoder decoder_of(framing how, decoder_limits limits = {})
{
    return {how, limits};
}

/// A frame of `size` octets, in the given form.
octet_vector long_frame(unsigned flags, std::size_t size, char fill = 'x')
{
    octet_vector header(9);
    header[0] = std::byte(flags | 2);
    for (unsigned i = 0; i < 8; ++i)
        header[8 - i] = std::byte(size >> 8 * i);
    return header + octets_of(std::string(size, fill));
}

const octet_vector stream_3 = octets("00 02 68 69") +  // "hi"
    octets("01 01 61  01 00  00 01 62") +              // "a", "", "b"
    octets("04 03 02 41 42") +                         // command
    octets("01 01 63  04 01 64  00 01 65") +           // "c" (command "d") "e"
    octets("00 00") +                                  // ""
    octets("02 00 00 00 00 00 00 00 01 66") +          // "f" in long form
    octets("f8 01 67") +                               // reserved bits
    long_frame(1, 300) + long_frame(4, 60, 'p') + long_frame(0, 70, 'z');

const std::vector<item> items_3{
    {decoded_kind::message, message("hi")},
    {decoded_kind::message, message::of("a", "", "b")},
    {decoded_kind::command,
        message("\x02"
                "AB")},
    {decoded_kind::command, message("d")},
    {decoded_kind::message, message::of("c", "e")},
    {decoded_kind::message, message("")},
    {decoded_kind::message, message("f")},
    {decoded_kind::message, message("g")},
    {decoded_kind::command, message(std::string(60, 'p'))},
    {decoded_kind::message, message::of(std::string(300, 'x'), std::string(70, 'z'))},
};

const octet_vector stream_1 = octets("03 00 68 69  01 01  02 00 61") +
    octets("ff 00 00 00 00 00 00 00 02 01 62  02 fe 63") + octets("ff 00 00 00 00 00 00 01 01 04") +
    octets_of(std::string(256, 'x'));

const std::vector<item> items_1{
    {decoded_kind::message, message("hi")},
    {decoded_kind::message, message::of("", "a")},
    {decoded_kind::message, message::of("b", "c")},
    {decoded_kind::message, message(std::string(256, 'x'))},
};

}  // namespace

TEST_CASE("frames become messages and commands, in order (RFC 37 'Framing')")
{
    const outcome all = decode(decoder_of(framing::zmtp_2), stream_3);
    CHECK(all.items == items_3);
    CHECK(!all.error);
}

TEST_CASE("ZMTP 1.0 frames become messages, and there are no commands (RFC 13)")
{
    const outcome all = decode(decoder_of(framing::zmtp_1), stream_1);
    CHECK(all.items == items_1);
    CHECK(!all.error);
}

TEST_CASE("a stream cut at any octet, at any two, or at every one decodes the same")
{
    const std::vector<std::tuple<framing, octet_vector, std::vector<item>>> streams{
        {framing::zmtp_2, stream_3, items_3}, {framing::zmtp_1, stream_1, items_1}};
    for (const auto& [how, stream, items] : streams)
    {
        CHECK(decode(decoder_of(how), stream, every_octet(stream.size())).items == items);
        for (std::size_t cut = 0; cut <= stream.size(); ++cut)
        {
            CHECK(decode(decoder_of(how), stream, {cut}).items == items);
            for (std::size_t second = cut; second <= stream.size(); second += 7)
            {
                const bool is_same = decode(decoder_of(how), stream, {cut, second}).items == items;
                if (!is_same)
                    FAIL("cut at " << cut << " and " << second);
            }
        }
    }
}

TEST_CASE("a decoder between messages is in none, and within one it is")
{
    frame_decoder decoder(framing::zmtp_2, {});
    const auto stream = octets("01 01 61  04 01 62  00 02 63 64");
    decoded d;
    for (std::size_t i = 0; i < stream.size(); ++i)
    {
        CHECK(decoder.is_in_message() == (i != 0));
        decoder.receive(std::span(stream).subspan(i, 1));
        while (decoder.next(d) != decoded_kind::none)
            continue;
    }
    CHECK(!decoder.is_in_message());
}

TEST_CASE("every flags octet is decoded as RFC 37 'Framing' says")
{
    for (unsigned flags = 0; flags < 256; ++flags)
    {
        octet_vector frame(1, std::byte(flags));
        frame = frame + (flags & 2 ? octets("00 00 00 00 00 00 00 01 61") : octets("01 61"));
        const outcome r = decode(decoder_of(framing::zmtp_2), frame + octets("00 01 62"));
        if ((flags & 5) == 5)
        {
            CHECK(r.error == protocol_errc::more_on_command);
            CHECK(r.items.empty());
        }
        else if (flags & 4)
            CHECK(r.items ==
                std::vector<item>{{decoded_kind::command, "a"}, {decoded_kind::message, "b"}});
        else if (flags & 1)
            CHECK(r.items == std::vector<item>{{decoded_kind::message, message::of("a", "b")}});
        else
            CHECK(r.items ==
                std::vector<item>{{decoded_kind::message, "a"}, {decoded_kind::message, "b"}});
    }
}

TEST_CASE("every ZMTP 1.0 flags octet is decoded by its MORE bit alone")
{
    for (unsigned flags = 0; flags < 256; ++flags)
    {
        const octet_vector frame =
            octets("02") + octet_vector{std::byte(flags)} + octets("61 02 00 62");
        const outcome r = decode(decoder_of(framing::zmtp_1), frame);
        CHECK(!r.error);
        CHECK(r.items.size() == (flags & 1 ? 1 : 2));
    }
}

TEST_CASE("in frame-by-frame mode every frame is a command, whatever its flags")
{
    frame_decoder decoder(framing::zmtp_2, {});
    decoder.set_frame_by_frame(true);
    const outcome r =
        decode(decoder, octets("04 01 61  00 01 62  01 01 63  f8 00"), every_octet(11));
    CHECK(r.items ==
        std::vector<item>{{decoded_kind::command, "a"}, {decoded_kind::command, "b"},
            {decoded_kind::command, "c"}, {decoded_kind::command, ""}});
}

TEST_CASE("the mode may change between two frames of one read, and the rest stays unconsumed")
{
    frame_decoder decoder(framing::zmtp_2, {});
    decoder.set_frame_by_frame(true);
    const auto stream = octets("01 01 61  01 01 62  00 01 63");
    decoder.receive(stream);
    decoded d;
    CHECK(decoder.next(d) == decoded_kind::command);
    CHECK(decoder.unconsumed().data() == stream.data() + 3);
    CHECK(decoder.unconsumed().size() == 6);
    decoder.set_frame_by_frame(false);
    CHECK(decoder.next(d) == decoded_kind::message);
    CHECK(d.body == message::of("b", "c"));
    CHECK(decoder.unconsumed().empty());
}

// --- limits ------------------------------------------------------------------------------------

TEST_CASE("a frame above max_frame_size is refused as soon as its size is known")
{
    for (const auto& [how, fits, header] : {std::tuple{framing::zmtp_2, "00 03 61 62 63", "00 04"},
             std::tuple{framing::zmtp_2, "04 03 61 62 63", "04 04"},
             std::tuple{framing::zmtp_2, "00 00", "02 00 00 00 00 00 00 00 04"},
             std::tuple{framing::zmtp_1, "04 00 61 62 63", "05"},
             std::tuple{framing::zmtp_1, "01 00", "ff 00 00 00 00 00 00 00 05"}})
    {
        const decoder_limits limits{.max_frame_size = 3};
        const outcome r = decode(decoder_of(how, limits), octets(fits) + octets(header));
        CHECK(r.items.size() == 1);
        CHECK(r.error == protocol_errc::frame_too_large);
    }
}

TEST_CASE("a message above max_message_size is refused as soon as its size is known")
{
    const decoder_limits limits{.max_message_size = 5};
    const outcome fits =
        decode(decoder_of(framing::zmtp_2, limits), octets("01 03 61 62 63 00 02 61 62"));
    CHECK(fits.items.size() == 1);
    CHECK(!fits.error);
    CHECK(decode(decoder_of(framing::zmtp_2, limits), octets("01 03 61 62 63 00 03")).error ==
        protocol_errc::message_too_large);
    CHECK(decode(decoder_of(framing::zmtp_2, limits), octets("00 06")).error ==
        protocol_errc::message_too_large);
    CHECK(decode(decoder_of(framing::zmtp_2, limits), octets("01 01 61 02 7f ff ff ff ff ff ff ff"))
              .error == protocol_errc::message_too_large);
}

TEST_CASE("commands count towards the limits of no message")
{
    const decoder_limits limits{.max_message_size = 2, .max_message_frames = 2};
    const outcome r = decode(decoder_of(framing::zmtp_2, limits),
        octets("01 01 61 04 03 61 62 63 04 00 00 01 61 04 00"));
    CHECK(!r.error);
    CHECK(r.items.size() == 4);
}

TEST_CASE("limits start anew with every message")
{
    const decoder_limits limits{.max_message_size = 2, .max_message_frames = 2};
    const auto two = octets("01 01 61 00 01 62");
    const outcome r = decode(decoder_of(framing::zmtp_2, limits), two + two + two);
    CHECK(r.items.size() == 3);
    CHECK(!r.error);
}

TEST_CASE("more frames than max_message_frames are refused")
{
    const decoder_limits limits{.max_message_frames = 3};
    CHECK(
        decode(decoder_of(framing::zmtp_2, limits), octets("01 00 01 00 00 00")).items.size() == 1);
    CHECK(decode(decoder_of(framing::zmtp_2, limits), octets("01 00 01 00 01 00 00 00")).error ==
        protocol_errc::too_many_frames);
}

TEST_CASE("a lowered limit counts from the next frame on")
{
    frame_decoder decoder(framing::zmtp_2, {});
    decoded d;
    const auto start = octets("00 05 61 62");
    decoder.receive(start);
    CHECK(decoder.next(d) == decoded_kind::none);
    decoder.set_limits({.max_frame_size = 1});
    const auto rest = octets("63 64 65 00 01 61 00 02");
    decoder.receive(rest);
    CHECK(decoder.next(d) == decoded_kind::message);
    CHECK(d.body[0] == "abcde");
    CHECK(decoder.next(d) == decoded_kind::message);
    CHECK(decoder.next(d) == decoded_kind::error);
}

TEST_CASE("after an error there is nothing but that error")
{
    frame_decoder decoder(framing::zmtp_2, {});
    decoded d;
    const auto stream = octets("05 00 01 61");
    decoder.receive(stream);
    CHECK(decoder.next(d) == decoded_kind::error);
    const auto good = octets("00 01 61");
    decoder.receive(good);
    CHECK(decoder.next(d) == decoded_kind::error);
    CHECK(d.error == protocol_errc::more_on_command);
    CHECK(decoder.direct_buffer().empty());
}

// --- memory ------------------------------------------------------------------------------------

TEST_CASE("an announced size buys at most a mebibyte before its octets arrive")
{
    for (const auto& [how, header] : {std::tuple{framing::zmtp_2, "02 7f ff ff ff ff ff ff ff 61"},
             std::tuple{framing::zmtp_2, "06 00 00 00 ff ff ff ff ff 61"},
             std::tuple{framing::zmtp_1, "ff 80 00 00 00 00 00 00 00 01 61"}})
    {
        frame_decoder decoder(how, {});
        const auto start = octets(header);
        const allocation_count count;
        decoded d;
        decoder.receive(start);
        CHECK(decoder.next(d) == decoded_kind::none);
        CHECK(!decoder.direct_buffer().empty());
        // Of addresses; the quarter above is rounding, and never touched.
        CHECK(count.octets() <= 1024 * 1024 * 5 / 4);
    }
}

TEST_CASE("memory for a large body grows with the octets that arrived")
{
    constexpr std::size_t size = 40'000'000;
    frame_decoder decoder(framing::zmtp_2, {});
    const auto header = octets("02 00 00 00 00 02 62 5a 00");
    decoder.receive(header);
    decoded d;
    CHECK(decoder.next(d) == decoded_kind::none);
    std::size_t arrived = 0;
    while (arrived < size)
    {
        const auto buffer = decoder.direct_buffer();
        if (buffer.empty())
            break;
        CHECK(arrived + buffer.size() <=
            std::max<std::size_t>(1024 * 1024, 16 * (arrived + 8 * 1024)));
        std::memset(buffer.data(), int('a' + arrived % 26), buffer.size());
        arrived += buffer.size();
        decoder.received_directly(buffer.size());
        CHECK(decoder.next(d) == (arrived == size ? decoded_kind::message : decoded_kind::none));
    }
    CHECK(d.body.size_octets() == size);
    CHECK(d.body[0].text()[0] == 'a');
    CHECK(d.body[0].text()[1024 * 1024] == 'a' + 1024 * 1024 % 26);
    CHECK(!decoder.is_in_message());
}

TEST_CASE("a body of up to sixteen mebibytes is moved once, and no more than a mebibyte of it")
{
    constexpr std::size_t size = 16 * 1024 * 1024;
    frame_decoder decoder(framing::zmtp_2, {});
    const auto header = octets("02 00 00 00 00 01 00 00 00");
    decoder.receive(header);
    decoded d;
    const allocation_count count;
    CHECK(decoder.next(d) == decoded_kind::none);
    for (std::size_t arrived = 0; arrived < size;)
    {
        const auto buffer = decoder.direct_buffer();
        const std::size_t read = std::min<std::size_t>(buffer.size(), 200'000);
        REQUIRE(read != 0);
        arrived += read;
        decoder.received_directly(read);
        CHECK(decoder.next(d) == (arrived == size ? decoded_kind::message : decoded_kind::none));
    }
    CHECK(count.number() == 2);
    CHECK(count.octets() <= 17 * 1024 * 1024 * 5 / 4);
}

TEST_CASE("who has sent a large body may send another one that is not moved")
{
    constexpr std::size_t size = 4 * 1024 * 1024;
    frame_decoder decoder(framing::zmtp_2, {});
    const auto header = octets("02 00 00 00 00 00 40 00 00");
    const auto receive_one = [&] {
        decoded d;
        decoder.receive(header);
        CHECK(decoder.next(d) == decoded_kind::none);
        const std::size_t at_first = decoder.direct_buffer().size();
        for (std::size_t arrived = 0; arrived < size;)
        {
            const std::size_t read = decoder.direct_buffer().size();
            REQUIRE(read != 0);
            arrived += read;
            decoder.received_directly(read);
            CHECK(
                decoder.next(d) == (arrived == size ? decoded_kind::message : decoded_kind::none));
        }
        return at_first;
    };
    CHECK(receive_one() == 1024 * 1024);
    CHECK(receive_one() == size);
}

TEST_CASE("only a body that lacks eight kibibytes or more is read directly")
{
    const std::size_t size = 10'000;
    const auto frame = long_frame(1, size) + octets("00 01 61");
    for (const std::size_t cut :
        {std::size_t{5}, std::size_t{9}, std::size_t{1000}, std::size_t{5000}})
    {
        frame_decoder decoder(framing::zmtp_2, {});
        decoded d;
        decoder.receive(std::span(frame).first(cut));
        CHECK(decoder.next(d) == decoded_kind::none);
        const auto buffer = decoder.direct_buffer();
        const bool is_direct = cut >= 9 && size - (cut - 9) >= 8192;
        CHECK(buffer.size() == (is_direct ? size - (cut - 9) : 0));
        std::size_t direct = std::min<std::size_t>(buffer.size(), 700);
        if (direct != 0)
            std::memcpy(buffer.data(), frame.data() + cut, direct);
        decoder.received_directly(direct);
        CHECK(decoder.next(d) == decoded_kind::none);
        decoder.receive(std::span(frame).subspan(cut + direct));
        CHECK(decoder.next(d) == decoded_kind::message);
        CHECK(d.body == message::of(std::string(size, 'x'), "a"));
    }
}

TEST_CASE("a body read directly is not copied again")
{
    frame_decoder decoder(framing::zmtp_2, {});
    const auto header = octets("02 00 00 00 00 00 00 ff ff");
    decoder.receive(header);
    decoded d;
    CHECK(decoder.next(d) == decoded_kind::none);
    const auto buffer = decoder.direct_buffer();
    REQUIRE(buffer.size() == 65'535);
    decoder.received_directly(buffer.size());
    CHECK(decoder.next(d) == decoded_kind::message);
    CHECK(d.body[0].data() == buffer.data());
}

TEST_CASE("more octets than direct_buffer had are not believed")
{
    frame_decoder decoder(framing::zmtp_2, {});
    decoder.received_directly(5);
    const auto header = octets("02 00 00 00 00 00 00 ff ff");
    decoder.receive(header);
    decoded d;
    CHECK(decoder.next(d) == decoded_kind::none);
    CHECK(!decoder.direct_buffer().empty());
    decoder.received_directly(1'000'000);
    CHECK(decoder.next(d) == decoded_kind::message);
    CHECK(d.body.size_octets() == 65'535);
}

TEST_CASE("running out of memory is an error result, at every allocation")
{
    const auto stream = stream_3 + long_frame(1, 3'000'000) + long_frame(0, 100);
    for (const std::size_t piece : {stream.size(), std::size_t{200'000}})
        for (std::size_t successes = 0;; ++successes)
        {
            frame_decoder decoder(framing::zmtp_2, {});
            decoded d;
            bool failed = false;
            for (std::size_t at = 0; at < stream.size() && !failed; at += piece)
            {
                const failing_allocations failing(successes);
                decoder.receive(std::span(stream).subspan(at, std::min(piece, stream.size() - at)));
                do
                    failed = decoder.next(d) == decoded_kind::error;
                while (!failed && d.kind != decoded_kind::none);
            }
            if (!failed)
                break;
            CHECK(d.error == errc::out_of_memory);
        }
}

TEST_CASE("a direct buffer that cannot grow is reported by next()")
{
    frame_decoder decoder(framing::zmtp_2, {});
    const auto header = octets("02 00 00 00 00 02 62 5a 00");
    decoder.receive(header);
    decoded d;
    CHECK(decoder.next(d) == decoded_kind::none);
    decoder.received_directly(decoder.direct_buffer().size());
    CHECK(decoder.next(d) == decoded_kind::none);
    {
        const failing_allocations failing(0);
        CHECK(decoder.direct_buffer().empty());
        CHECK(decoder.next(d) == decoded_kind::error);
    }
    CHECK(d.error == errc::out_of_memory);
}

TEST_CASE("a small message costs no allocation, one of 51 to 1024 octets one at most")
{
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{50}, std::size_t{51},
             std::size_t{64}, std::size_t{1024}})
    {
        const auto frame = long_frame(0, size);
        const auto stream = frame + frame + frame;
        frame_decoder decoder(framing::zmtp_2, {});
        decoded d;
        decoder.receive(stream);
        const allocation_count count;
        for (int i = 0; i < 3; ++i)
            CHECK(decoder.next(d) == decoded_kind::message);
        CHECK(count.number() <= (size <= 50 ? 0 : 3));
    }
}
