#include "protocol/frame_encoder.hpp"

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include <ferry/detail/encoded_run.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"
#include "tests/unit/protocol/allocation_count.hpp"

using namespace ferry::protocol;
using ferry::message;
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

octet_vector joined(std::span<const std::span<const std::byte>> buffers)
{
    octet_vector all;
    for (const auto buffer : buffers)
        all.insert(all.end(), buffer.begin(), buffer.end());
    return all;
}

octet_vector all_output(frame_encoder& encoder)
{
    octet_vector all = joined(encoder.output(1'000'000));
    CHECK(all.size() == encoder.size());
    encoder.written(all.size());
    CHECK(encoder.size() == 0);
    CHECK(encoder.output(10).empty());
    return all;
}

octet_vector encoded(message m, framing how = framing::zmtp_2, std::size_t copy_limit = 1024)
{
    frame_encoder encoder(how, copy_limit);
    encoder.message(std::move(m));
    return all_output(encoder);
}

}  // namespace

TEST_CASE("a message becomes its frames, all but the last with MORE (RFC 37 'Framing')")
{
    CHECK(encoded(message("hi")) == octets("00 02 68 69"));
    CHECK(encoded(message("")) == octets("00 00"));
    CHECK(encoded(message::of("a", "", "b")) == octets("01 01 61 01 00 00 01 62"));
    CHECK(encoded(message()).empty());
}

TEST_CASE("a ZMTP 1.0 message becomes its frames, all but the last with MORE (RFC 13)")
{
    CHECK(encoded(message("anything"), framing::zmtp_1) == octets("09 00 61 6e 79 74 68 69 6e 67"));
    CHECK(encoded(message::of("", "a"), framing::zmtp_1) == octets("01 01 02 00 61"));
}

TEST_CASE("a body of 255 octets has a short header, one of 256 a long one, copied or referenced")
{
    for (const std::size_t copy_limit : {std::size_t{0}, std::size_t{1024}})
    {
        const std::string body(256, 'x');
        CHECK(encoded(message(body.substr(1)), framing::zmtp_2, copy_limit) ==
            octets("00 ff") + octets_of(body.substr(1)));
        CHECK(encoded(message(body), framing::zmtp_2, copy_limit) ==
            octets("02 00 00 00 00 00 00 01 00") + octets_of(body));
        CHECK(encoded(message(body.substr(3)), framing::zmtp_1, copy_limit) ==
            octets("fe 00") + octets_of(body.substr(3)));
        CHECK(encoded(message(body.substr(2)), framing::zmtp_1, copy_limit) ==
            octets("ff 00 00 00 00 00 00 00 ff 00") + octets_of(body.substr(2)));
    }
}

TEST_CASE("a command has flag 04 and goes between other frames as it is")
{
    frame_encoder encoder;
    encoder.raw(octets("ff 7f"));
    encoder.command(octets("04 50 49 4e 47 00 0f"));
    encoder.message(message("x"));
    encoder.command(octets_of(std::string(256, 'c')));
    CHECK(all_output(encoder) ==
        octets("ff 7f 04 07 04 50 49 4e 47 00 0f 00 01 78 06 00 00 00 00 00 00 01 00") +
            octets_of(std::string(256, 'c')));
}

TEST_CASE("ZMTP 1.0 has no commands")
{
    frame_encoder encoder(framing::zmtp_1);
    encoder.command(octets("04 50 49 4e 47"));
    CHECK(encoder.size() == 0);
    encoder.set_framing(framing::zmtp_2);
    encoder.command(octets("00"));
    CHECK(encoder.size() == 3);
}

TEST_CASE("the message given is empty afterwards")
{
    frame_encoder encoder;
    for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{5000}})
    {
        message m(std::string(size, 'x'));
        encoder.message(std::move(m));
        CHECK(m.empty());  // NOLINT(bugprone-use-after-move): as promised
    }
}

TEST_CASE("small messages are shown as one buffer, large bodies in place")
{
    frame_encoder encoder;
    for (int i = 0; i < 10; ++i)
        encoder.message(message::of("a", std::string(100, 'x')));
    CHECK(encoder.output(64).size() == 1);

    message large(std::string(5000, 'y'));
    const std::byte* octets_of_large = large[0].data();
    encoder.message(std::move(large));
    encoder.message(message("after"));
    const auto buffers = encoder.output(64);
    REQUIRE(buffers.size() == 3);
    CHECK(buffers[1].data() == octets_of_large);
    CHECK(buffers[1].size() == 5000);
    CHECK(encoder.output(2).size() == 2);
    CHECK(encoder.output(0).empty());
}

TEST_CASE("a body that lies inside the message is copied even with a copy limit of zero")
{
    frame_encoder encoder(framing::zmtp_2, 0);
    octet_vector expected;
    for (int i = 0; i < 100; ++i)
    {
        encoder.message(message::of(std::string(20, 'a'), std::string(28, 'b')));
        encoder.message(
            message::of(std::string(31, 'c'), std::string(60, 'd'), std::string(50, 'e')));
        expected = expected + octets("01 14") + octets_of(std::string(20, 'a')) + octets("00 1c") +
            octets_of(std::string(28, 'b')) + octets("01 1f") + octets_of(std::string(31, 'c')) +
            octets("01 3c") + octets_of(std::string(60, 'd')) + octets("00 32") +
            octets_of(std::string(50, 'e'));
    }
    CHECK(all_output(encoder) == expected);
}

namespace
{

struct counting_deleter
{
    int* calls;
    void operator()(void*, std::size_t) const noexcept { ++*calls; }
};

}  // namespace

TEST_CASE("a referenced body is dropped with its last octet")
{
    std::vector<std::byte> memory(4000);
    int calls = 0;
    frame_encoder encoder;
    message m = message::of("id");
    m.append(message::adopt(std::span(memory), counting_deleter{&calls}));
    m.append("tail");
    encoder.message(std::move(m));
    encoder.written(4 + 9 + 3999);
    CHECK(calls == 0);
    encoder.written(1);
    CHECK(calls == 1);
    CHECK(joined(encoder.output(10)) == octets("00 04 74 61 69 6c"));
}

TEST_CASE("all large bodies of a message live until its last one is written")
{
    std::vector<std::byte> memory(4000);
    int calls = 0;
    frame_encoder encoder;
    message m;
    for (int i = 0; i < 2; ++i)
        m.append(message::adopt(std::span(memory), counting_deleter{&calls}));
    encoder.message(std::move(m));
    encoder.written(9 + 4000);
    CHECK(joined(encoder.output(10)).size() == 9 + 4000);
    encoder.written(9 + 4000);
    CHECK(calls == 2);
}

TEST_CASE("octets added later do not touch the ones shown")
{
    frame_encoder encoder;
    octet_vector expected;
    for (int i = 0; i < 300; ++i)
    {
        encoder.message(message(std::string(1000, 'a')));
        encoder.message(message(std::string(2000, 'b')));
    }
    const auto shown = encoder.output(10'000);
    const octet_vector before = joined(shown);
    for (int i = 0; i < 3000; ++i)
    {
        encoder.message(message(std::string(900, 'c')));
        encoder.message(message(std::string(3000, 'd')));
        encoder.command(octets("01 41"));
    }
    CHECK(joined(shown) == before);
    encoder.written(before.size());
    CHECK(encoder.size() == 3000 * (9 + 900 + 9 + 3000 + 4));
}

TEST_CASE("in steady state encoding allocates nothing")
{
    frame_encoder encoder;
    std::deque<message> messages;
    for (int round = 0; round < 10; ++round)
    {
        for (int i = 0; i < 2000; ++i)
            messages.push_back(i % 10 == 0 ? message(std::string(3000, 'x'))
                                           : message::of("a", std::string(60, 'b')));
        const allocation_count count;
        while (!messages.empty())
        {
            for (int i = 0; i < 100; ++i)
            {
                encoder.message(std::move(messages.front()));
                messages.front() = message();
                messages.pop_front();
            }
            std::size_t shown = 0;
            for (const auto buffer : encoder.output(64))
                shown += buffer.size();
            encoder.written(shown - 100);  // the arena is hardly ever empty
        }
        if (round > 4)
            CHECK(count.number() == 0);
    }
}

TEST_CASE("shrink frees the memory of an encoder that has nothing to write, and harms no other")
{
    frame_encoder encoder;
    encoder.message(message(std::string(1000, 'x')));
    encoder.shrink();
    CHECK(all_output(encoder).size() == 1009);
    encoder.shrink();
    const allocation_count count;
    encoder.message(message("x"));
    CHECK(count.number() > 0);
    CHECK(all_output(encoder) == octets("00 01 78"));
}

TEST_CASE("a message that runs out of memory adds nothing")
{
    const message m =
        message::of(std::string(1000, 'a'), std::string(5000, 'b'), std::string(900, 'c'));
    for (std::size_t successes = 0;; ++successes)
    {
        frame_encoder encoder;
        encoder.raw(octets("01"));
        bool failed = false;
        {
            const failing_allocations failing(successes);
            try
            {
                for (int i = 0; i < 200; ++i)
                    encoder.message(message(m));
            }
            catch (const std::bad_alloc&)
            {
                failed = true;
            }
        }
        constexpr std::size_t size_of_m = 9 + 1000 + 9 + 5000 + 9 + 900;
        CHECK(encoder.size() % size_of_m == 1);
        CHECK(joined(encoder.output(1'000'000)).size() == encoder.size());
        if (!failed)
            break;
    }
}

// --- encoder to decoder --------------------------------------------------------------------------

namespace
{

message random_message(std::mt19937& random)
{
    constexpr std::size_t sizes[] = {
        0, 1, 5, 24, 31, 32, 50, 51, 64, 253, 254, 255, 256, 1024, 1025, 20'000};
    message m;
    for (std::size_t frames = 1 + (random() % 4 == 0 ? random() % 60 : random() % 3); frames != 0;
         --frames)
        m.append(std::string(
            sizes[random() % (frames > 10 ? 4 : std::size(sizes))], static_cast<char>(random())));
    return m;
}

/// Moves octets from the encoder to the decoder in random pieces, read directly where offered.
void carry(
    frame_encoder& encoder, frame_decoder& decoder, std::vector<message>& out, std::mt19937& random)
{
    const octet_vector all = joined(encoder.output(1 + random() % 20));
    std::span<const std::byte> left(all);
    left = left.first(random() % 3 == 0 ? random() % (left.size() + 1) : left.size());
    encoder.written(left.size());
    while (!left.empty())
    {
        std::size_t piece = std::min<std::size_t>(left.size(), 1 + random() % 3000);
        const auto direct = decoder.direct_buffer();
        if (!direct.empty())
        {
            piece = std::min(piece, direct.size());
            std::copy_n(left.begin(), piece, direct.begin());
            decoder.received_directly(piece);
        }
        else
            decoder.receive(left.first(piece));
        decoded d;
        while (decoder.next(d) != decoded_kind::none)
        {
            REQUIRE(d.kind == decoded_kind::message);
            out.push_back(std::move(d.body));
        }
        left = left.subspan(piece);
    }
}

}  // namespace

TEST_CASE(
    "random messages survive encoding, any partial write, any cut and decoding, in both framings")
{
    for (const framing how : {framing::zmtp_1, framing::zmtp_2})
        for (unsigned seed = 0; seed < 40; ++seed)
        {
            std::mt19937 random(seed);
            frame_encoder encoder(how, seed % 4 == 0 ? 0 : 1024);
            frame_decoder decoder(how, {});
            std::vector<message> sent;
            std::vector<message> received;
            while (sent.size() < 100 || encoder.size() != 0)
            {
                for (std::size_t burst = random() % 8; burst != 0 && sent.size() < 100; --burst)
                {
                    sent.push_back(random_message(random));
                    encoder.message(message(sent.back()));
                }
                carry(encoder, decoder, received, random);
            }
            const bool is_same = sent == received;
            CHECK(is_same);
        }
}

// --- runs of encoded messages --------------------------------------------------------------------

namespace
{

using ferry::detail::encoded_run;
using ferry::detail::run_encoder;

/// A pipe's reader takes these messages as one run. One chunk has room for all of them.
message run_of(run_encoder& maker, const std::vector<message>& messages)
{
    message slot;
    ferry::detail::encoded_message all;
    for (const message& m : messages)
    {
        const auto next = maker.add(m);
        REQUIRE((next && (!all || next.begin == all.end)));
        all = {next.chunk, all ? all.begin : next.begin, next.end};
    }
    encoded_run::begin(slot, all);
    encoded_run::extend(slot,
        {static_cast<std::uint32_t>(all.end - all.begin),
            static_cast<std::uint32_t>(messages.size())});
    return encoded_run::take(slot);
}

/// So many octets of frames: not fewer than two.
message run_of_size(run_encoder& maker, std::size_t octets, char filler = 'r')
{
    std::vector<message> messages;
    for (; octets > 257; octets -= 102)
        messages.emplace_back(std::string(100, filler));
    messages.emplace_back(std::string(octets - 2, filler));
    return run_of(maker, messages);
}

std::vector<message> small_messages(std::mt19937& random, std::size_t count)
{
    std::vector<message> all;
    while (all.size() < count)
        if (message m = random_message(random); m.size_octets() <= 1200)
            all.push_back(std::move(m));
    return all;
}

}  // namespace

TEST_CASE("a run becomes the octets that its messages would become one by one")
{
    std::mt19937 random(1);
    for (const std::size_t count : {1, 2, 10, 40})
        for (const std::size_t copy_limit : {0, 1024, 1'000'000})
        {
            const auto messages = small_messages(random, count);
            frame_encoder one_by_one(framing::zmtp_2, copy_limit);
            for (const message& m : messages)
                one_by_one.message(message(m));
            run_encoder maker;
            frame_encoder at_once(framing::zmtp_2, copy_limit);
            at_once.encoded(run_of(maker, messages));
            CHECK(all_output(at_once) == all_output(one_by_one));
        }
}

TEST_CASE("a run of up to the copy limit is copied behind what is there, a larger one referenced")
{
    for (const std::size_t octets : {2, 50, 1023, 1024, 1025, 5000})
    {
        run_encoder maker;
        message run = run_of_size(maker, octets);
        const std::byte* const place = run.front().data();
        CHECK(run.front().size() == octets);
        frame_encoder encoder(framing::zmtp_2, 1024);
        encoder.message(message("a"));
        encoder.encoded(std::move(run));
        encoder.message(message("b"));
        const auto buffers = encoder.output(64);
        CHECK(run.empty());  // NOLINT(bugprone-use-after-move): as promised
        if (octets <= 1024)
        {
            REQUIRE(buffers.size() == 1);
            CHECK(buffers[0].size() == 3 + octets + 3);
            continue;
        }
        REQUIRE(buffers.size() == 3);
        CHECK(buffers[1].data() == place);
        CHECK(buffers[1].size() == octets);
    }
}

TEST_CASE("a copied run needs its memory no longer, a referenced one until its last octet")
{
    frame_encoder encoder(framing::zmtp_2, 1024);
    encoder.raw(octets("00"));
    for (const std::size_t octets : {1000, 3000})
    {
        const allocation_count count;
        {
            run_encoder maker;
            encoder.encoded(run_of_size(maker, octets));
        }
        CHECK((count.held() > 60'000) == (octets > 1024));
        encoder.written(encoder.size() - 1);
        CHECK((count.held() > 60'000) == (octets > 1024));
        encoder.written(1);
        CHECK(count.held() < 10'000);
    }
}

TEST_CASE("a run that goes on where the last one ended makes its buffer larger")
{
    run_encoder maker;
    frame_encoder encoder(framing::zmtp_2, 1024);
    octet_vector expected;
    for (const char filler : {'a', 'b', 'c'})
    {
        message run = run_of_size(maker, 3000, filler);
        const auto octets = run.front().bytes();
        expected.insert(expected.end(), octets.begin(), octets.end());
        encoder.encoded(std::move(run));
        CHECK(run.empty());  // NOLINT(bugprone-use-after-move): as promised
    }
    CHECK(encoder.size() == 9000);
    CHECK(encoder.output(64).size() == 1);
    CHECK(joined(encoder.output(64)) == expected);
    encoder.written(3500);
    encoder.encoded(run_of_size(maker, 2000, 'd'));
    CHECK(encoder.output(64).size() == 1);
    encoder.written(7500);  // all: nothing is left to go on with
    encoder.encoded(run_of_size(maker, 2000, 'e'));
    CHECK(encoder.output(64).size() == 1);
    CHECK(all_output(encoder).size() == 2000);
}

TEST_CASE("a run behind a gap, or behind anything else, is a buffer of its own")
{
    run_encoder maker;
    frame_encoder encoder(framing::zmtp_2, 1024);
    encoder.encoded(run_of_size(maker, 3000));
    CHECK(maker.add("for somebody else"));
    encoder.encoded(run_of_size(maker, 3000));
    CHECK(encoder.output(64).size() == 2);
    encoder.message(message("between"));
    encoder.encoded(run_of_size(maker, 3000));
    CHECK(encoder.output(64).size() == 4);
    encoder.encoded(run_of_size(maker, 200));
    encoder.encoded(run_of_size(maker, 3000));
    CHECK(encoder.output(64).size() == 6);
}

TEST_CASE("runs added later do not touch the octets shown, nor show more of them")
{
    run_encoder maker;
    frame_encoder encoder(framing::zmtp_2, 1024);
    encoder.message(message("first"));
    encoder.encoded(run_of_size(maker, 3000, 'a'));
    const auto shown = encoder.output(64);
    const octet_vector before = joined(shown);
    CHECK(before.size() == 7 + 3000);
    octet_vector after;
    for (int i = 0; i < 500; ++i)
    {
        if (i % 20 == 0)
            maker.forget();
        message run = run_of_size(maker, i % 5 == 0 ? 900 : 2900, static_cast<char>(i));
        after = after + octet_vector(run.front().bytes().begin(), run.front().bytes().end());
        encoder.encoded(std::move(run));
    }
    CHECK(joined(shown) == before);
    encoder.written(before.size());
    CHECK(all_output(encoder) == after);
}

TEST_CASE("runs, messages and commands stay in order, written in pieces of any size")
{
    const auto speak = [](frame_encoder& encoder, bool in_runs) {
        std::mt19937 random(5);
        run_encoder maker;
        for (int step = 0; step < 30; ++step)
        {
            if (step % 5 == 0)
                maker.forget();
            const auto messages = small_messages(random, 1 + random() % 6);
            if (in_runs && step % 3 != 0)
                encoder.encoded(run_of(maker, messages));
            else
                for (const message& m : messages)
                    encoder.message(message(m));
            if (step % 5 == 0)
                encoder.command(octets("04 'PING' 00 00"));
        }
    };
    frame_encoder model(framing::zmtp_2, 1024);
    speak(model, false);
    const octet_vector expected = all_output(model);
    for (const std::size_t piece : {1, 7, 100, 2999, 1'000'000})
    {
        frame_encoder subject(framing::zmtp_2, 1024);
        speak(subject, true);
        octet_vector written;
        while (subject.size() != 0)
        {
            octet_vector next = joined(subject.output(2));
            next.resize(std::min(next.size(), piece));
            subject.written(next.size());
            written.insert(written.end(), next.begin(), next.end());
            REQUIRE(subject.size() == expected.size() - written.size());
        }
        const bool is_same = written == expected;
        CHECK(is_same);
    }
}

TEST_CASE("a run that runs out of memory adds nothing")
{
    for (const std::size_t size : {100, 3000})
        for (std::size_t successes = 0, added = 0; added != 40; ++successes)
        {
            run_encoder maker;
            std::deque<message> runs;
            for (; runs.size() < 40; maker.forget())  // each is a segment of its own
                runs.push_back(run_of_size(maker, size));
            frame_encoder encoder(framing::zmtp_2, 1024);
            const failing_allocations failing(successes);
            try
            {
                for (added = 0; added < 40; ++added)
                    encoder.encoded(std::move(runs[added]));
            }
            catch (const std::bad_alloc&)
            {
            }
            CHECK(encoder.size() == added * size);
        }
}
