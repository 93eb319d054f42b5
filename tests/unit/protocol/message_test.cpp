#include <ferry/message.hpp>

#include <algorithm>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <ferry/detail/body_pool.hpp>
#include <ferry/detail/message_access.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/protocol/allocation_count.hpp"
#include "tests/unit/protocol/message_frames.hpp"

using ferry::message;
using namespace ferry::test;

TEST_CASE("a default-constructed message has no frame")
{
    const message m;
    check_is(m, {});
    CHECK(m.begin() == m.end());
    CHECK(m.front().data() == nullptr);
    CHECK(m.back().data() == nullptr);
    CHECK_THROWS_AS(m.at(0), std::out_of_range);
}

TEST_CASE("a message of one frame holds its octets, whatever their number")
{
    for (const std::size_t size : interesting_sizes)
    {
        const std::string body = body_of(size);
        check_is(message(body), {body});
        check_is(message(body.c_str()), {body});
        check_is(message(std::as_bytes(std::span(body))), {body});
    }
}

TEST_CASE("a frame of 50 octets costs no allocation, one of 51 one at most")
{
    const std::string body = body_of(70'000);
    for (const std::size_t size : interesting_sizes)
    {
        const allocation_count count;
        const message m(std::string_view(body).substr(0, size));
        CHECK(count.number() <= (size <= 50 ? 0 : 1));
        if (size > 1024 || (size > 50 && !ferry::detail::pools_blocks()))
            CHECK(count.number() == 1);
    }
}

TEST_CASE("small frames share the message's own 51 octets without an allocation")
{
    const allocation_count count;
    message m;
    for (int i = 0; i < 51; ++i)
        m.append("");
    CHECK(m.size() == 51);
    CHECK(count.number() == 0);
    m.append("");
    CHECK(m.size() == 52);
    CHECK(count.number() == 1);  // of a list too large to be pooled
}

TEST_CASE("copying and moving a message allocates nothing")
{
    for (const auto& frames : interesting_messages())
    {
        message original = message_of(frames);
        const allocation_count count;
        message copy = original;
        message moved = std::move(original);
        message assigned;
        assigned = copy;
        assigned = std::move(moved);
        CHECK(count.number() == 0);
        check_is(copy, frames);
        check_is(assigned, frames);
        check_is(moved, {});
        check_is(original, {});
    }
}

TEST_CASE("a copy shares large bodies with its original")
{
    const message original(body_of(51));
    const message copy = original;
    CHECK(copy[0].data() == original[0].data());

    message list = message::of("x", body_of(60));
    const message list_copy = list;
    CHECK(list_copy[1].data() == list[1].data());
}

TEST_CASE("changing a copy leaves the original alone")
{
    for (const auto& frames : interesting_messages())
    {
        const message original = message_of(frames);
        message copy = original;
        copy.append("added").prepend(body_of(60));
        check_is(original, frames);
        copy = original;
        copy.pop_front(1);
        check_is(original, frames);
        copy = original;
        copy.clear();
        check_is(original, frames);
    }
}

TEST_CASE("assigning a message to itself changes nothing")
{
    for (const auto& frames : interesting_messages())
    {
        message m = message_of(frames);
        message& same = m;
        m = same;
        check_is(m, frames);
        m = std::move(same);
        check_is(m, frames);
    }
}

TEST_CASE("append and prepend add frames in order, for messages of every kind")
{
    for (const auto& left : interesting_messages())
        for (const auto& right : interesting_messages())
        {
            std::vector<std::string> both = left;
            both.insert(both.end(), right.begin(), right.end());
            const message r = message_of(right);

            message appended = message_of(left);
            appended.append(r);
            message prepended = message_of(right);
            prepended.prepend(message_of(left));
            const bool is_right = frames_of(appended) == both && frames_of(prepended) == both &&
                frames_of(r) == right;
            CHECK(is_right);
        }
}

TEST_CASE("a message built from the front reads as one built from the back")
{
    message m;
    std::vector<std::string> frames;
    for (std::size_t i = 0; i < 200; ++i)
    {
        frames.insert(frames.begin(), body_of(i));
        m.prepend(frames.front());
    }
    check_is(m, frames);
}

TEST_CASE("appending many frames costs a number of allocations that grows with the logarithm")
{
    message m;
    const allocation_count count;
    for (int i = 0; i < 10'000; ++i)
        m.append("frame");
    CHECK(m.size() == 10'000);
    CHECK(count.number() < 30);
}

TEST_CASE("a message can be added to itself, and so can its own frames")
{
    for (const auto& frames : interesting_messages())
    {
        std::vector<std::string> twice = frames;
        twice.insert(twice.end(), frames.begin(), frames.end());

        message m = message_of(frames);
        check_is(m.append(m), twice);
        m = message_of(frames);
        check_is(m.prepend(m), twice);
        if (frames.empty())
            continue;

        m = message_of(frames);
        m.append(m[0].text());
        m.prepend(m.back().bytes());
        CHECK(m.front() == frames.front());
        CHECK(m.back() == frames.front());
        CHECK(m.size() == frames.size() + 2);
    }
}

TEST_CASE("appending shares large bodies rather than copying them")
{
    const message large(body_of(5000));
    message m("id");
    m.append(large).prepend(large);
    CHECK(m[0].data() == large[0].data());
    CHECK(m[2].data() == large[0].data());
}

TEST_CASE("small frames before a large one need no allocation, and come off again")
{
    for (const auto& envelope : std::vector<std::vector<std::string>>{
             {""}, {body_of(5), ""}, {body_of(17), body_of(8)}, {body_of(26)}})
    {
        const message large(body_of(5000));
        const message small = message_of(envelope);
        std::vector<std::string> all = envelope;
        all.push_back(body_of(5000));

        const allocation_count count;
        message appended = small;
        appended.append(large);
        message prepended = large;
        for (std::size_t i = envelope.size(); i-- != 0;)
            prepended.prepend(envelope[i]);
        const message copy = prepended;
        const message sliced = copy.slice(1);
        const message popped = prepended.pop_front(envelope.size());
        CHECK(count.number() == 0);

        check_is(appended, all);
        check_is(copy, all);
        check_is(sliced, {all.begin() + 1, all.end()});
        check_is(popped, envelope);
        check_is(prepended, {body_of(5000)});
        CHECK(appended.back().data() == large.front().data());
        CHECK(sliced.back().data() == large.front().data());
        CHECK(prepended.front().data() == large.front().data());
    }
}

TEST_CASE("an adopted body stays where it is behind an envelope, however small it is")
{
    std::vector<std::byte> three(3);
    message m = message::adopt(std::span(three), [](void*, std::size_t) {});
    m.prepend("").prepend(body_of(5));
    check_is(m, {body_of(5), "", std::string(3, '\0')});
    CHECK(m[2].data() == three.data());
    CHECK(m.mutable_bytes().empty());
    m.pop_front(2);
    CHECK(m.mutable_bytes().data() == three.data());
}

TEST_CASE("adding and taking frames leaves a message's role, generation and peer alone")
{
    using ferry::detail::message_access;
    using ferry::detail::message_role;
    const ferry::peer_handle peer(ferry::peer_properties::list{{"Identity", "A"}});
    for (const auto& frames : interesting_messages())
        for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{60}})
        {
            message m = message_of(frames);
            message_access::set_role(m, message_role::cancel);
            message_access::set_generation(m, 255);
            message_access::set_peer(m, peer);
            m.prepend(body_of(size)).append(body_of(size));
            const message popped = m.pop_front();
            const bool is_kept = message_access::role(m) == message_role::cancel &&
                message_access::generation(m) == 255 && m.peer().get() == peer.get();
            CHECK(is_kept);
            CHECK(message_access::role(popped) == message_role::data);
            CHECK(popped.peer().get() == peer.get());
        }
}

TEST_CASE("slice yields the frames asked for, clamped to what is there")
{
    for (const auto& frames : interesting_messages())
    {
        const message m = message_of(frames);
        const std::size_t n = std::min<std::size_t>(frames.size(), 5);
        for (std::size_t first = 0; first <= n + 1; ++first)
            for (std::size_t count = 0; count <= n + 2; ++count)
            {
                std::vector<std::string> expected;
                for (std::size_t i = first; i < frames.size() && i < first + count; ++i)
                    expected.push_back(frames[i]);
                CHECK(frames_of(m.slice(first, count)) == expected);
            }
        CHECK(m.slice(0) == m);
        check_is(m.slice(frames.size() + 7), {});
    }
}

TEST_CASE("pop_front removes frames from the front and returns them")
{
    for (const auto& frames : interesting_messages())
        for (const std::size_t count :
            {std::size_t{0}, std::size_t{1}, std::size_t{2}, frames.size(), SIZE_MAX})
        {
            const auto cut =
                frames.begin() + static_cast<std::ptrdiff_t>(std::min(count, frames.size()));
            message m = message_of(frames);
            check_is(m.pop_front(count), {frames.begin(), cut});
            check_is(m, {cut, frames.end()});
        }
}

TEST_CASE("the last frame of a list left alone is one frame like any other")
{
    for (const std::size_t size : interesting_sizes)
    {
        message m = message::of(body_of(60), body_of(size));
        m.pop_front();
        check_is(m, {body_of(size)});
        const auto octets = m.mutable_bytes();
        CHECK(octets.size() == size);
        m.append("more");
        check_is(m, {body_of(size), "more"});
    }
}

TEST_CASE("allocate gives a frame to be filled in place")
{
    for (const std::size_t size : interesting_sizes)
    {
        message m = message::allocate(size);
        const auto octets = m.mutable_bytes();
        REQUIRE(octets.size() == size);
        const std::string body = body_of(size);
        std::transform(
            body.begin(), body.end(), octets.begin(), [](char c) { return std::byte(c); });
        check_is(m, {body});
    }
}

TEST_CASE("a size that no memory can hold is refused")
{
    CHECK_THROWS_AS(message::allocate(SIZE_MAX), std::bad_alloc);
    CHECK_THROWS_AS(message::allocate(SIZE_MAX - 8), std::bad_alloc);
    CHECK_THROWS_AS(message::allocate(SIZE_MAX / 2), std::bad_alloc);
}

TEST_CASE("mutable_bytes copies a body that is shared, and only then")
{
    for (const std::size_t size : interesting_sizes)
    {
        if (size == 0)
            continue;
        message m(body_of(size));
        const std::byte* before = m[0].data();
        m.mutable_bytes()[0] = std::byte{'!'};
        CHECK(m[0].data() == before);

        const message copy = m;
        m.mutable_bytes()[0] = std::byte{'?'};
        CHECK(copy[0].text()[0] == '!');
        CHECK(m[0].text()[0] == '?');
        CHECK(m[0].text().substr(1) == copy[0].text().substr(1));
    }
}

TEST_CASE("mutable_bytes is empty for no frame and for several")
{
    CHECK(message().mutable_bytes().empty());
    CHECK(message::of("a", "b").mutable_bytes().empty());
    CHECK(message::of("a", body_of(60)).mutable_bytes().empty());
}

// --- comparing, printing, peers ------------------------------------------------------------------

TEST_CASE("messages are equal when their frames are, however they keep them")
{
    const auto all = interesting_messages();
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = 0; j < all.size(); ++j)
        {
            const bool same = all[i] == all[j];
            CHECK((message_of(all[i]) == message_of(all[j])) == same);
        }

    std::vector<std::byte> three(3);
    CHECK(message::adopt(std::span(three), [](void*, std::size_t) {}) ==
        message(std::string(3, '\0')));
    message popped = message::of(body_of(60), "a", "b");
    popped.pop_front();
    CHECK(popped == message::of("a", "b"));
    CHECK(message("a") != message::of("a", ""));
}

TEST_CASE("iterators walk forward, and compare by place")
{
    static_assert(std::forward_iterator<message::iterator>);
    const message m = message::of("a", body_of(60), "");
    auto i = m.begin();
    CHECK(*i++ == "a");
    CHECK(i->size() == 60);
    CHECK(*++i == "");
    CHECK(++i == m.end());
    CHECK(message::iterator() == message::iterator());
}

TEST_CASE("of makes a frame of each argument")
{
    const std::vector<std::byte> octets{std::byte{'v'}};
    check_is(message::of(), {});
    check_is(
        message::of("a", std::string("b"), std::string_view("c"), octets, message::of("d", "e")),
        {"a", "b", "c", "v", "d", "e"});
}

TEST_CASE("at throws past the end")
{
    const message m = message::of("a", "b");
    CHECK(m.at(1) == "b");
    CHECK_THROWS_AS(m.at(2), std::out_of_range);
}

namespace
{

std::string printed(const message& m)
{
    std::ostringstream out;
    out << m;
    return out.str();
}

}  // namespace

TEST_CASE("a message prints as text where it is text, else as hex, and never at length")
{
    CHECK(printed({}) == "[]");
    CHECK(printed(message("hello")) == R"(["hello"])");
    CHECK(printed(message::of("", R"(say "hi\")")) == R"(["", "say \"hi\\\""])");
    CHECK(printed(message(std::string("\x00\x01\xff", 3))) == "[00 01 ff]");
    CHECK(printed(message(std::string(17, '\n'))) ==
        "[0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a 0a... 17 octets]");
    CHECK(printed(message(std::string(65, 'x'))) ==
        "[\"" + std::string(64, 'x') + "\"... 65 octets]");
    CHECK(printed(message_of(std::vector<std::string>(8, "a"))) ==
        R"(["a", "a", "a", "a", "a", "a", "a", "a"])");
    CHECK(printed(message_of(std::vector<std::string>(9, "a"))) ==
        R"(["a", "a", "a", "a", "a", "a", "a", "a", ... 9 frames])");
}

TEST_CASE("a message tells the properties of the peer it came from, as do its parts")
{
    message m = message::of("id", "", body_of(60));
    CHECK(m.property("Identity").data() == nullptr);
    CHECK(!m.peer());

    ferry::detail::message_access::set_peer(
        m, ferry::peer_handle({{"Identity", "A"}, {"X-Empty", ""}}));
    const message copy = m;
    const message envelope = m.pop_front(2);
    CHECK(m.property("Identity") == "A");
    CHECK(copy.property("Identity") == "A");
    CHECK(envelope.property("Identity") == "A");
    CHECK(m.property("X-Empty").data() != nullptr);
    CHECK(m.property("identity").data() == nullptr);
    CHECK(m.peer()->all().size() == 2);

    message other("x");
    other.append(m);
    CHECK(!other.peer());
    m.clear();
    CHECK(!m.peer());
}

TEST_CASE("assign copies a body of any size, from a buffer with anything behind it")
{
    using ferry::detail::message_access;
    for (std::size_t size = 0; size <= 1100; size += size < 150 ? 1 : 19)
        for (const std::size_t behind : {0, 1, 7, 8, 49, 50, 51, 100})
        {
            std::vector<std::byte> buffer(size + behind, std::byte{'?'});
            const std::string body = body_of(size);
            std::transform(
                body.begin(), body.end(), buffer.begin(), [](char c) { return std::byte(c); });
            message m = message_of({body_of(60), body_of(70)});
            message_access::set_role(m, ferry::detail::message_role::cancel);
            message_access::assign(m, std::span(buffer).first(size), buffer.size());
            CHECK(m == message(body));
            CHECK(message_access::is_data(m));
            m.append("more");
            check_is(m, {body, "more"});
        }
}

TEST_CASE("a message taken out of its place leaves nothing behind that must be destroyed")
{
    for (const auto& frames : interesting_messages())
    {
        alignas(message) std::byte place[sizeof(message)];
        auto* slot = new (place) message(message_of(frames));
        const ferry::peer_handle peer(ferry::peer_properties::list{{"Identity", "A"}});
        ferry::detail::message_access::set_peer(*slot, peer);
        message m(body_of(60));
        ferry::detail::message_access::take_out(m, *slot);
        check_is(m, frames);
        CHECK(m.property("Identity") == "A");
    }
}

TEST_CASE("a role travels with a message, but not into its slices")
{
    using ferry::detail::message_access;
    using ferry::detail::message_role;
    message m = message_access::subscription(message_role::cancel, "topic");
    message_access::set_generation(m, 7);
    const message copy = m;
    message moved = std::move(m);
    CHECK(message_access::role(copy) == message_role::cancel);
    CHECK(message_access::role(moved) == message_role::cancel);
    CHECK(message_access::generation(moved) == 7);
    CHECK(message_access::role(m) == message_role::data);
    CHECK(message_access::role(moved.slice(0)) == message_role::data);
}
