#include <ferry/error.hpp>

#include <set>
#include <string>

#include "tests/support/catch.hpp"

using ferry::errc;
using ferry::protocol_errc;
using ferry::proxy_errc;

namespace
{

constexpr int errc_count = 25;
constexpr int protocol_errc_count = 19;
constexpr int proxy_errc_count = 14;

void check_texts(const std::error_category& category, int count)
{
    std::set<std::string> texts;
    for (int value = 1; value <= count; ++value)
    {
        const std::string text = category.message(value);
        CHECK(text.find("unknown") == std::string::npos);
        CHECK(text.find(": ") == std::string::npos);
        texts.insert(text);
    }
    CHECK(texts.size() == static_cast<std::size_t>(count));
    CHECK(category.message(count + 1).find("unknown") == 0);
    CHECK(category.message(0).find("unknown") == 0);
    CHECK(category.message(-1).find("unknown") == 0);
}

}  // namespace

TEST_CASE("every error has a text of its own, and unknown numbers say so")
{
    CHECK(static_cast<int>(errc::peer_not_allowed) == errc_count);
    CHECK(static_cast<int>(protocol_errc::authentication_failed) == protocol_errc_count);
    CHECK(static_cast<int>(proxy_errc::timed_out) == proxy_errc_count);
    check_texts(ferry::error_category(), errc_count);
    check_texts(ferry::protocol_category(), protocol_errc_count);
    check_texts(ferry::proxy_category(), proxy_errc_count);
}

TEST_CASE("codes of the three enums are told apart by their categories")
{
    const std::error_code ours = errc::wrong_state;
    const std::error_code theirs = protocol_errc::bad_signature;
    CHECK(ours.value() == theirs.value());
    CHECK(ours != theirs);
    CHECK(ours.category() == ferry::error_category());
    CHECK(theirs.category() == ferry::protocol_category());
    CHECK(std::string(ours.category().name()) == "ferry");
    CHECK(std::string(theirs.category().name()) == "ferry.protocol");
    const std::error_code between = proxy_errc::not_socks;
    CHECK(between != ours);
    CHECK(between != theirs);
    CHECK(std::string(between.category().name()) == "ferry.proxy");
}

TEST_CASE("portable questions are answered")
{
    CHECK(make_error_code(errc::timed_out) == std::errc::timed_out);
    CHECK(make_error_code(errc::handshake_timed_out) == std::errc::timed_out);
    CHECK(make_error_code(errc::heartbeat_timed_out) == std::errc::timed_out);
    CHECK(make_error_code(errc::connect_timed_out) == std::errc::timed_out);
    CHECK(make_error_code(errc::terminated) == std::errc::operation_canceled);
    CHECK(make_error_code(errc::interrupted) == std::errc::interrupted);
    CHECK(make_error_code(errc::invalid_endpoint) == std::errc::invalid_argument);
    CHECK(make_error_code(errc::no_route) == std::errc::host_unreachable);
    CHECK(make_error_code(errc::address_in_use) == std::errc::address_in_use);
    CHECK(make_error_code(errc::out_of_memory) == std::errc::not_enough_memory);
    CHECK(make_error_code(errc::too_many) != std::errc::message_size);

    CHECK(make_error_code(protocol_errc::frame_too_large) == std::errc::message_size);
    CHECK(make_error_code(protocol_errc::message_too_large) == std::errc::message_size);
    CHECK(make_error_code(protocol_errc::handshake_too_large) == std::errc::message_size);
    CHECK(make_error_code(protocol_errc::authentication_failed) == std::errc::permission_denied);
    CHECK(make_error_code(protocol_errc::more_on_command) == std::errc::protocol_error);
    CHECK(make_error_code(protocol_errc::frame_size_overflow) == std::errc::protocol_error);

    CHECK(make_error_code(errc::peer_not_allowed) == std::errc::permission_denied);
    CHECK(make_error_code(proxy_errc::connection_refused) == std::errc::connection_refused);
    CHECK(make_error_code(proxy_errc::authentication_failed) == std::errc::permission_denied);
    CHECK(make_error_code(proxy_errc::not_socks) == std::errc::protocol_error);
    CHECK(make_error_code(proxy_errc::timed_out) == std::errc::timed_out);
}

TEST_CASE("a number that is no error of ours stands for itself only")
{
    for (const std::error_category* category :
        {&ferry::error_category(), &ferry::protocol_category(), &ferry::proxy_category()})
        for (const int value : {0, 99})
        {
            const std::error_condition condition = category->default_error_condition(value);
            CHECK(condition.value() == value);
            CHECK(condition.category() == *category);
        }
}

TEST_CASE("an error's text says what was wrong with what")
{
    const ferry::error e(errc::timed_out, "receive");
    CHECK(std::string(e.what()) == "receive: timed out");
    CHECK(e.code() == errc::timed_out);

    const ferry::error system(std::make_error_code(std::errc::address_in_use), "bind tcp://*:5555");
    CHECK(std::string(system.what()).find("bind tcp://*:5555: ") == 0);
}

TEST_CASE("an error that was given its detail adds nothing")
{
    const ferry::error e(errc::no_such_interface, "bind tcp://eth9:5555: no interface named eth9");
    CHECK(std::string(e.what()) == "bind tcp://eth9:5555: no interface named eth9");
}

TEST_CASE("an error about nothing in particular is the code's text alone")
{
    CHECK(std::string(ferry::error(errc::terminated, "").what()) == "the context was ended");
}
