#include "patterns/routing/routing_table.hpp"

#include "tests/support/catch.hpp"

using namespace std::string_literals;
using namespace ferry::patterns;

TEST_CASE("generated ids are 00 and a counter, big-endian, from the seed on")
{
    routing_table table(0x010203fe);
    CHECK(table.choose_id("") == "\0\1\2\3\xfe"s);
    CHECK(table.choose_id("") == "\0\1\2\3\xff"s);
    CHECK(table.choose_id("") == "\0\1\2\4\0"s);
}

TEST_CASE("the counter wraps")
{
    routing_table table(0xffffffff);
    CHECK(table.choose_id("") == "\0\xff\xff\xff\xff"s);
    CHECK(table.choose_id("") == "\0\0\0\0\0"s);
}

TEST_CASE("a generated id is not one that is taken")
{
    routing_table table(1);
    const auto pipe = make_pipe({}).a;
    CHECK(table.add("\0\0\0\0\1"s, *pipe));
    CHECK(table.choose_id("") == "\0\0\0\0\2"s);
}

TEST_CASE("a peer's id is used as it is, unless it is longer than 255 octets or looks generated")
{
    routing_table table(0);
    CHECK(table.choose_id("A") == "A");
    CHECK(table.choose_id("a\0b"s) == "a\0b"s);
    CHECK(table.choose_id(std::string(255, 'x')) == std::string(255, 'x'));
    CHECK(table.choose_id(std::string(256, 'x')).size() == 5);
    CHECK(table.choose_id("\0abc"s) == "\0abc"s);
    CHECK(table.choose_id("\0abcde"s) == "\0abcde"s);
    CHECK(table.choose_id("\0abcd"s) == "\0\0\0\0\1"s);
}

TEST_CASE("ids are compared octet by octet")
{
    routing_table table(0);
    const auto first = make_pipe({}).a;
    const auto second = make_pipe({}).a;
    CHECK(table.add("a\0b"s, *first));
    CHECK(table.add("a\0c"s, *second));
    CHECK_FALSE(table.add("a\0b"s, *second));
    CHECK(table.find("a\0b"s) == first.get());
    CHECK(table.find("a") == nullptr);
    CHECK(table.find("A\0b"s) == nullptr);
}

TEST_CASE("an id is removed by its owner only")
{
    routing_table table(0);
    const auto first = make_pipe({}).a;
    const auto second = make_pipe({}).a;
    CHECK(table.add("A", *first));
    table.remove("A", *second);
    CHECK(table.find("A") == first.get());
    table.remove("A", *first);
    CHECK(table.find("A") == nullptr);
}
