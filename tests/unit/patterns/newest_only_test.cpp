#include "patterns/newest_only.hpp"

#include "tests/support/catch.hpp"

using ferry::message;
using ferry::detail::message_access;
using ferry::detail::message_role;
using ferry::patterns::newest_only;

TEST_CASE("only the newest message is there to be read, and the one before it is handed back")
{
    newest_only channel;
    channel.write(message("first"));
    CHECK(channel.replaced().empty());
    channel.write(message("second"));
    CHECK(channel.replaced() == message("first"));
    CHECK(channel.size() == 1);
    REQUIRE(channel.peek() != nullptr);
    CHECK(*channel.peek() == message("second"));
    channel.pop();
    CHECK(channel.peek() == nullptr);
}

TEST_CASE("every subscription record is kept beside the newest message")
{
    newest_only channel;
    channel.write(message_access::subscription(message_role::subscribe, "a"));
    channel.write(message("old"));
    channel.write(message_access::subscription(message_role::cancel, "a"));
    channel.write(message("new"));
    CHECK(channel.size() == 3);
    for (const char* expected : {"a", "a", "new"})
    {
        REQUIRE(channel.peek() != nullptr);
        CHECK(channel.peek()->front() == expected);
        channel.pop();
    }
    CHECK(channel.size() == 0);
}

TEST_CASE("a reader that found nothing sleeps, and publishing says so once")
{
    newest_only channel;
    CHECK(channel.peek() == nullptr);
    channel.write(message("x"));
    CHECK(channel.is_fresh());
    CHECK(channel.publish());
    CHECK_FALSE(channel.publish());
    CHECK_FALSE(channel.sleep());
    REQUIRE(channel.peek() != nullptr);
    channel.pop();
    CHECK(channel.sleep());
}
