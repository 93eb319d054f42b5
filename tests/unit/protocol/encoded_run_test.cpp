// Messages encoded side by side in shared chunks, and runs of them that grow in a slot.
#include <ferry/detail/encoded_run.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"
#include "tests/unit/protocol/allocation_count.hpp"
#include "tests/unit/protocol/message_frames.hpp"

using namespace ferry;
using namespace ferry::detail;
using namespace ferry::test;

namespace
{

constexpr std::size_t chunk_octets = 64 * 1024;

octet_vector octets_at(const encoded_message& m)
{
    return {m.begin, m.end};
}

octet_vector added(const message& m)
{
    run_encoder encoder;
    const encoded_message encoded = encoder.add(m);
    REQUIRE(encoded);
    return octets_at(encoded);
}

/// RFC 37 "Framing", without any help of what is tested.
octet_vector on_the_wire(const message& m)
{
    octet_vector all;
    std::size_t left = m.size();
    for (const frame_view part : m)
        all = join(all, frame(--left != 0 ? 1 : 0, part.string()));
    return all;
}

/// Messages with frames, of every kind of storage, of which no frame is too large.
std::vector<message> encodable_messages()
{
    std::vector<message> all;
    for (const auto& frames : interesting_messages())
    {
        const bool is_small = std::ranges::all_of(
            frames, [](const std::string& f) { return f.size() <= run_encoder::largest_frame; });
        if (is_small && !frames.empty())
            all.push_back(message_of(frames));
    }
    return all;
}

std::vector<message> messages_in(const message& run)
{
    std::vector<message> all;
    encoded_run::for_each(run, [&all](message&& m) { all.push_back(std::move(m)); });
    return all;
}

bool are_in(const message& run, const std::vector<message>& expected)
{
    return message_access::role(run) == message_role::encoded && run.size() == 1 &&
        encoded_run::messages(run) == expected.size() && messages_in(run) == expected;
}

/// What a pipe's writer does.
struct writer
{
    void write(const message& m)
    {
        const encoded_message encoded = encoder.add(m);
        REQUIRE(encoded);
        if (count++ == 0)
        {
            encoded_run::begin(slot, encoded);
            begin = encoded.begin;
        }
        else
        {
            REQUIRE(encoded.begin == end);
            encoded_run::extend(slot, {static_cast<std::uint32_t>(encoded.end - begin), count});
        }
        end = encoded.end;
    }

    run_encoder encoder;
    message slot;
    const std::byte* begin = nullptr;
    const std::byte* end = nullptr;
    std::uint32_t count = 0;
};

struct counting_deleter
{
    int* calls;
    void operator()(void*, std::size_t) const noexcept { ++*calls; }
};

}  // namespace

// --- encoding ------------------------------------------------------------------------------------

TEST_CASE("a message of one frame is encoded as a short or a long frame (RFC 37 'Framing')")
{
    CHECK(added("hi") == octets("00 02 'hi'"));
    CHECK(added("") == octets("00 00"));
    CHECK(added(std::string(255, 'x')) == octets("00 ff 78*255"));
    CHECK(added(std::string(256, 'x')) == octets("02 00*6 01 00 78*256"));
    CHECK(added(std::string(2047, 'x')) == octets("02 00*6 07 ff 78*2047"));
    CHECK(added(std::string(2048, 'x')) == octets("02 00*6 08 00 78*2048"));
}

TEST_CASE("a message of several frames is encoded as frames, all but the last with MORE "
          "(RFC 37 'Framing')")
{
    CHECK(added(message::of("a", "", "b")) == octets("01 01 'a' 01 00 00 01 'b'"));
    CHECK(added(message::of("", "")) == octets("01 00 00 00"));
    CHECK(added(message::of(std::string(255, 'x'), std::string(256, 'y'), "z")) ==
        octets("01 ff 78*255 03 00*6 01 00 79*256 00 01 'z'"));
    CHECK(added(message::of("a", std::string(2048, 'x'))) ==
        octets("01 01 'a' 02 00*6 08 00 78*2048"));
}

TEST_CASE("octets are encoded as a message of one frame is, behind what came before")
{
    run_encoder encoder;
    const std::byte* end = encoder.add("before").end;
    for (const std::size_t size : {0, 1, 50, 51, 255, 256, 2047, 2048})
    {
        const std::string text(size, 'x');
        const octet_vector body = octets_of(text);
        const encoded_message encoded = encoder.add(std::span<const std::byte>(body));
        REQUIRE(encoded);
        CHECK(encoded.begin == end);
        CHECK(octets_at(encoded) == on_the_wire(text));
        end = encoded.end;
    }
    const octet_vector large(2049);
    CHECK_FALSE(encoder.add(std::span<const std::byte>(large)));
    CHECK(encoder.add("after").begin == end);
}

TEST_CASE("octets go on in another chunk, of which what was encoded before knows nothing")
{
    run_encoder encoder;
    const octet_vector body = octets_of(std::string(2048, 'x'));
    std::vector<message> runs(100);
    for (message& run : runs)
        encoded_run::begin(run, encoder.add(std::span<const std::byte>(body)));
    for (const message& run : runs)
        CHECK(are_in(run, {message(std::string(2048, 'x'))}));
}

TEST_CASE("without memory for a chunk octets are not encoded")
{
    run_encoder encoder;
    const octet_vector body = octets_of("small");
    {
        const failing_allocations failing(0);
        CHECK_FALSE(encoder.add(std::span<const std::byte>(body)));
    }
    CHECK(octets_at(encoder.add(std::span<const std::byte>(body))) == octets("00 05 'small'"));
}

TEST_CASE("messages of every kind of storage are encoded, side by side, and left as they are")
{
    run_encoder encoder;
    const std::byte* end = encoder.add("before").end;
    for (const message& m : encodable_messages())
    {
        const message copy = m;
        const encoded_message encoded = encoder.add(m);
        REQUIRE(encoded);
        CHECK(encoded.begin == end);
        CHECK(octets_at(encoded) == on_the_wire(copy));
        CHECK(m == copy);
        end = encoded.end;
    }
}

TEST_CASE("what was encoded earlier stays as it was")
{
    run_encoder encoder;
    const encoded_message first = encoder.add(message::of("a", "b"));
    const encoded_message second = encoder.add(std::string(300, 'c'));
    (void)encoder.add("d");
    CHECK(second.begin == first.end);
    CHECK(second.chunk == first.chunk);
    CHECK(octets_at(first) == octets("01 01 'a' 00 01 'b'"));
    CHECK(octets_at(second) == octets("02 00*6 01 2c 63*300"));
}

TEST_CASE("a message with a frame of more than 2048 octets is not encoded, and nothing of it is")
{
    const std::string large(2049, 'x');
    for (const bool is_first : {true, false})
        for (const message& m : {message(large), message::of("a", large), message::of(large, "b"),
                 message::of("a", large, std::string(100, 'c'), "d")})
        {
            const message copy = m;
            run_encoder encoder;
            const std::byte* const end = is_first ? nullptr : encoder.add("before").end;
            CHECK_FALSE(encoder.add(m));
            CHECK(m == copy);
            const encoded_message next = encoder.add("next");
            CHECK(octets_at(next) == octets("00 04 'next'"));
            CHECK((is_first || next.begin == end));
        }
}

TEST_CASE("small frames that are too many for one chunk are not encoded, and spoil nothing")
{
    message m;
    for (int i = 0; i < 40; ++i)
        m.append(std::string(2000, 'x'));
    run_encoder encoder;
    const encoded_message before = encoder.add("before");
    CHECK_FALSE(encoder.add(m));
    CHECK(m.size() == 40);
    CHECK(encoder.add("next").begin == before.end);
}

TEST_CASE("a message whose destruction runs its user's code is not encoded, and left as it is")
{
    std::vector<std::byte> memory(40, std::byte{'m'});
    int calls = 0;
    const auto adopted = [&] {
        return message::adopt(std::span(memory), counting_deleter{&calls});
    };
    std::vector<message> all;
    all.push_back(adopted());
    all.push_back(message::of("id").append(adopted()));
    all.push_back(message::of("a", std::string(40, 'b')).append(adopted()).append("tail"));
    all.push_back(adopted().append(adopted()));

    run_encoder encoder;
    for (int round = 0; round < 2; ++round)  // without a chunk, and with one
    {
        for (const message& m : all)
        {
            const std::byte* const body = m.back().data();
            const auto frames = frames_of(m);
            CHECK_FALSE(encoder.add(m));
            CHECK(m.back().data() == body);
            CHECK(frames_of(m) == frames);
        }
        CHECK(encoder.add("x"));
    }
    CHECK(calls == 0);
    all.clear();
    CHECK(calls == 5);
}

TEST_CASE("a list of frames of which none has a deleter is encoded")
{
    const message m = message::of(std::string(100, 'a'), std::string(100, 'b'), "c");
    CHECK(added(m) == octets("01 64 61*100 01 64 62*100 00 01 'c'"));
}

TEST_CASE("without memory nothing is encoded, and with memory everything is again")
{
    run_encoder encoder;
    const message m(std::string(2000, 'x'));
    std::vector<message> runs(10'000);
    std::size_t made = 0;
    bool failed = false;
    {
        const failing_allocations failing(0);
        for (; made < runs.size() && !failed; ++made)
        {
            const encoded_message encoded = encoder.add(m);
            failed = !encoded;
            if (encoded)
                encoded_run::begin(runs[made], encoded);
        }
    }
    CHECK(failed);
    CHECK(m.size_octets() == 2000);
    CHECK(octets_at(encoder.add(m)) == on_the_wire(m));
}

// --- chunks --------------------------------------------------------------------------------------

TEST_CASE("messages lie side by side until a chunk is full, and then go on in another one")
{
    run_encoder encoder;
    std::vector<message> runs(600);  // keep every chunk
    std::vector<encoded_message> all;
    for (std::size_t i = 0; i < runs.size(); ++i)
    {
        const encoded_message encoded = encoder.add(body_of(500 + i % 7));
        REQUIRE(encoded);
        encoded_run::begin(runs[i], encoded);
        all.push_back(encoded);
    }
    std::size_t chunks = 1;
    std::size_t octets = 0;
    for (std::size_t i = 1; i < all.size(); ++i)
    {
        octets += runs[i - 1].front().size();
        if (all[i].chunk != all[i - 1].chunk)
        {
            ++chunks;
            CHECK(octets > chunk_octets - 600);
            octets = 0;
        }
        else
            CHECK(all[i].begin == all[i - 1].end);
        CHECK(octets < chunk_octets);
    }
    CHECK(chunks == 5);
    for (std::size_t i = 0; i < all.size(); ++i)
        CHECK(octets_at(all[i]) == frame(0, body_of(500 + i % 7)));
}

TEST_CASE("a full chunk lives as long as a run refers to it, and no longer")
{
    auto encoder = std::make_optional<run_encoder>();
    const allocation_count count;
    {
        message run;
        encoded_run::begin(run, encoder->add(body_of(400)));
        for (std::size_t i = 0; i < 500; ++i)
            CHECK(encoder->add(body_of(700)));
        CHECK(count.held() > std::ptrdiff_t(2 * chunk_octets - 1000));
        CHECK(count.held() < std::ptrdiff_t(3 * chunk_octets));
        CHECK(are_in(run, {body_of(400)}));
        encoder.reset();
        CHECK(count.held() < std::ptrdiff_t(2 * chunk_octets));
        CHECK(are_in(run, {body_of(400)}));
    }
    CHECK(count.held() < std::ptrdiff_t(chunk_octets / 2));
}

TEST_CASE("a message that was encoded is encoded again as the same octets, wherever they lay")
{
    run_encoder from;
    run_encoder to;
    const std::byte* end = to.add("before").end;
    for (const message& m : encodable_messages())
    {
        const encoded_message original = from.add(m);
        const encoded_message copy = to.add(original);
        REQUIRE(copy);
        CHECK(copy.begin == end);
        CHECK(copy.chunk != original.chunk);
        from.forget();
        CHECK(octets_at(copy) == on_the_wire(m));
        end = copy.end;
    }
}

TEST_CASE("a copy that has no room in the chunk goes to another one")
{
    run_encoder from;
    run_encoder to;
    const encoded_message original = from.add(body_of(2000));
    message first;
    encoded_run::begin(first, to.add("first"));
    const shared_body* chunk = to.add(original).chunk;
    std::size_t chunks = 1;
    for (int i = 0; i < 100; ++i)
    {
        const encoded_message copy = to.add(original);
        CHECK(octets_at(copy) == octets_at(original));
        chunks += copy.chunk != chunk ? 1 : 0;
        chunk = copy.chunk;
    }
    CHECK(chunks == 4);
    CHECK(are_in(first, {"first"}));
}

TEST_CASE("an encoder that forgot its memory encodes again, and runs keep theirs")
{
    run_encoder encoder;
    encoder.forget();
    message run;
    const encoded_message old = encoder.add("old");
    encoded_run::begin(run, old);
    encoder.forget();
    encoder.forget();
    const encoded_message next = encoder.add("next");
    CHECK(next.chunk != old.chunk);
    CHECK(octets_at(next) == octets("00 04 'next'"));
    CHECK(are_in(run, {"old"}));
}

TEST_CASE("an encoder that forgot its memory holds none")
{
    run_encoder encoder;
    const allocation_count count;
    CHECK(encoder.add("x"));
    CHECK(count.held() >= std::ptrdiff_t(chunk_octets - 1000));
    encoder.forget();
    CHECK(count.held() == 0);
}

// --- runs ----------------------------------------------------------------------------------------

TEST_CASE("a slot becomes a run of one message, whatever it was")
{
    std::vector<std::byte> memory(100);
    int calls = 0;
    std::vector<message> slots;
    slots.emplace_back();
    slots.emplace_back("a");
    slots.push_back(message::of(std::string(100, 'b'), std::string(100, 'c')));
    slots.push_back(message_access::subscription(message_role::subscribe, "topic"));
    slots.push_back(message::adopt(std::span(memory), counting_deleter{&calls}));
    run_encoder encoder;
    for (message& slot : slots)
    {
        encoded_run::begin(slot, encoder.add(message::of("x", "y")));
        CHECK(encoded_run::has_more(slot));
        CHECK(are_in(slot, {message::of("x", "y")}));
        CHECK(slot.front().bytes().size() == 6);
    }
    CHECK(calls == 1);
}

TEST_CASE("a slot becomes a run though it was what held the chunk")
{
    message slot;
    run_encoder encoder;
    const encoded_message first = encoder.add("a");
    const encoded_message second = encoder.add("b");
    encoded_run::begin(slot, first);
    encoder.forget();
    encoded_run::begin(slot, second);
    CHECK(are_in(slot, {"b"}));
}

TEST_CASE("a run is taken piece by piece while it grows, each message once and in order")
{
    const auto all = encodable_messages();
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, all.size()})
    {
        writer w;
        std::size_t taken = 0;
        for (std::size_t written = 1; written <= all.size(); ++written)
        {
            w.write(all[written - 1]);
            CHECK(encoded_run::has_more(w.slot));
            if (written % piece != 0)
                continue;
            const message run = encoded_run::take(w.slot);
            const auto first = all.begin() + static_cast<std::ptrdiff_t>(taken);
            const auto last = all.begin() + static_cast<std::ptrdiff_t>(written);
            CHECK(are_in(run, {first, last}));
            CHECK_FALSE(encoded_run::has_more(w.slot));
            taken = written;
        }
    }
}

TEST_CASE("a run of eight messages is taken whole, however it is divided")
{
    std::vector<message> all;
    for (std::size_t i = 0; i < 8; ++i)
        all.push_back(message::of(body_of(i), body_of(40 * i)));
    for (unsigned division = 0; division < 256; ++division)
    {
        writer w;
        std::vector<message> got;
        std::vector<message> runs;
        for (std::size_t i = 0; i < all.size(); ++i)
        {
            w.write(all[i]);
            if ((division >> i & 1) != 0)
                runs.push_back(encoded_run::take(w.slot));
        }
        if (encoded_run::has_more(w.slot))
            runs.push_back(encoded_run::take(w.slot));
        std::uint32_t count = 0;
        for (const message& run : runs)
        {
            count += encoded_run::messages(run);
            for (message& m : messages_in(run))
                got.push_back(std::move(m));
        }
        CHECK(got == all);
        CHECK(count == 8);
    }
}

TEST_CASE("pieces taken one after the other lie one behind the other")
{
    writer w;
    w.write("a");
    const message first = encoded_run::take(w.slot);
    w.write("b");
    w.write("c");
    const message second = encoded_run::take(w.slot);
    CHECK(first.front().bytes().data() + 3 == second.front().bytes().data());
    CHECK(first.front().size() == 3);
    CHECK(second.front().size() == 6);
}

TEST_CASE("what was taken does not grow any more")
{
    writer w;
    w.write("a");
    const message first = encoded_run::take(w.slot);
    w.write("b");
    CHECK(are_in(first, {"a"}));
    CHECK(are_in(encoded_run::take(w.slot), {"b"}));
}

TEST_CASE("what was taken survives its slot and its encoder")
{
    auto w = std::make_unique<writer>();
    w->write("a");
    const message first = encoded_run::take(w->slot);
    w->write(message::of("b", body_of(300)));
    w->write("c");
    const message second = encoded_run::take(w->slot);
    w->slot.clear();
    CHECK(are_in(first, {"a"}));
    w.reset();
    CHECK(are_in(first, {"a"}));
    CHECK(are_in(second, {message::of("b", body_of(300)), "c"}));
}

TEST_CASE("a copy of what was taken, and what it is moved to, are equal to it")
{
    writer w;
    w.write("a");
    (void)encoded_run::take(w.slot);
    w.write("b");
    w.write("c");
    message run = encoded_run::take(w.slot);
    const message copy = run;
    const message moved = std::move(run);
    const std::vector<message> expected{"b", "c"};
    CHECK(copy == moved);
    CHECK(are_in(copy, expected));
    CHECK(are_in(moved, expected));
}

TEST_CASE("the memory of a run is freed with the last piece of it, and only then")
{
    const allocation_count count;
    message piece;
    {
        writer w;
        w.write("a");
        (void)encoded_run::take(w.slot);
        w.write("b");
        piece = encoded_run::take(w.slot);
    }
    message copy = piece;
    piece.clear();
    CHECK(count.held() >= std::ptrdiff_t(chunk_octets - 1000));
    CHECK(are_in(copy, {"b"}));
    copy.clear();
    CHECK(count.held() == 0);
}

TEST_CASE("what a visitor throws ends the walk")
{
    writer w;
    for (const char* each : {"a", "b", "c"})
        w.write(each);
    const message run = encoded_run::take(w.slot);
    std::vector<message> seen;
    const auto visit = [&seen](message&& m) {
        seen.push_back(std::move(m));
        if (seen.size() == 2)
            throw std::runtime_error("enough");
    };
    CHECK_THROWS_AS(encoded_run::for_each(run, visit), std::runtime_error);
    CHECK(seen == std::vector<message>{"a", "b"});
    CHECK(are_in(run, {"a", "b", "c"}));
}
