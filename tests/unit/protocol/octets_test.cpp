// Bounds-checked reader and writer of octets.
#include "protocol/octets.hpp"

#include <algorithm>
#include <memory>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"

using namespace ferry::protocol;
using ferry::test::octets;

TEST_CASE("integers are loaded and stored most significant octet first")
{
    CHECK(load_big_endian(octets("01 02 03")) == 0x010203);
    CHECK(load_big_endian(octets("ff*8")) == UINT64_MAX);
    CHECK(load_big_endian({}) == 0);

    auto four = octets("00*4");
    store_big_endian(four, 0x0a0b0c0d);
    CHECK(four == octets("0a 0b 0c 0d"));
}

TEST_CASE("a reader gives what is there and refuses what is not, consuming nothing")
{
    const auto five = octets("01 02 03 04 05");
    octet_reader reader(five);

    CHECK(reader.read_integer(2) == 0x0102);
    CHECK_FALSE(reader.read(4));
    CHECK_FALSE(reader.read(UINT64_MAX));
    CHECK(reader.rest().size() == 3);
    CHECK(reader.read(3)->size() == 3);
    CHECK(reader.is_at_end());
    CHECK_FALSE(reader.read_integer(1));
}

TEST_CASE("counted octets are read whole or not at all")
{
    const auto two = octets("03 'abc' 02 'd'");
    octet_reader reader(two);

    CHECK(as_text(*reader.read_counted(1)) == "abc");
    CHECK_FALSE(reader.read_counted(1));
    CHECK(reader.rest().size() == 2);
    CHECK_FALSE(reader.read_counted(4));
}

TEST_CASE("a count of four octets near its maximum is compared with what is there, and refused")
{
    const auto huge = octets("ff ff ff ff 61");
    octet_reader reader(huge);

    CHECK_FALSE(reader.read_counted(4));
    CHECK(reader.rest().size() == 5);
}

TEST_CASE("a writer puts octets, text and integers one after the other")
{
    octet_writer writer;
    writer.write_integer(5, 1).write("PONG!").write_integer(0x0102, 4).write(octets("ff"));

    CHECK(writer.take() == octets("05 'PONG!' 00 00 01 02 ff"));
}

TEST_CASE("octets are copied exactly, at every size up to where the steps end")
{
    for (std::size_t size = 0; size <= 300; ++size)
    {
        const auto from = std::make_unique<std::byte[]>(size);  // beyond it is not our memory
        const auto to = std::make_unique<std::byte[]>(size);
        for (std::size_t i = 0; i < size; ++i)
            from[i] = static_cast<std::byte>(i * 7 + 1);
        copy_octets(to.get(), from.get(), size);
        CHECK(std::equal(from.get(), from.get() + size, to.get()));
    }
}
