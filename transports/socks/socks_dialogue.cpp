#include "transports/socks/socks_dialogue.hpp"

#include <algorithm>
#include <string_view>

#include <ferry/error.hpp>

namespace ferry::transports
{

namespace
{

constexpr std::uint8_t version = 5;
constexpr std::uint8_t credentials_version = 1;  // RFC 1929 section 2
constexpr std::uint8_t no_authentication = 0;
constexpr std::uint8_t name_and_password = 2;
constexpr std::uint8_t connect_command = 1;

constexpr std::size_t short_answer_size = 2;  // of method and authentication
constexpr std::size_t reply_head_size = 5;    // up to and with the first octet of the address
constexpr std::size_t port_size = 2;
constexpr std::size_t ipv4_size = 4;
constexpr std::size_t ipv6_size = 16;

void add(std::vector<std::byte>& to, std::uint8_t octet)
{
    to.push_back(std::byte{octet});
}

void add(std::vector<std::byte>& to, std::string_view octets)
{
    for (const char c : octets)
        to.push_back(static_cast<std::byte>(c));
}

// With its length in front.
void add_text(std::vector<std::byte>& to, std::string_view text)
{
    add(to, static_cast<std::uint8_t>(text.size()));
    add(to, text);
}

std::vector<std::byte> make_greeting(bool authenticates)
{
    std::vector<std::byte> result;
    add(result, version);
    add(result, std::uint8_t{1});  // one way is offered
    add(result, authenticates ? name_and_password : no_authentication);
    return result;
}

std::vector<std::byte> make_credentials(const socks_request& request)
{
    std::vector<std::byte> result;
    add(result, credentials_version);
    add_text(result, request.username);
    add_text(result, request.password);
    return result;
}

std::vector<std::byte> make_request(const socks_target& target)
{
    std::vector<std::byte> result;
    add(result, version);
    add(result, connect_command);
    add(result, std::uint8_t{0});
    add(result, static_cast<std::uint8_t>(target.what));
    if (target.what == socks_target::kind::name)
        add_text(result, target.octets);
    else
        add(result, target.octets);
    add(result, static_cast<std::uint8_t>(target.port >> 8));
    add(result, static_cast<std::uint8_t>(target.port & 0xff));
    return result;
}

// RFC 1928 section 6. 0: it has connected.
std::error_code error_of_reply(std::byte reply) noexcept
{
    switch (std::to_integer<std::uint8_t>(reply))
    {
    case 0: return {};
    case 1: return proxy_errc::general_failure;
    case 2: return proxy_errc::not_allowed;
    case 3: return proxy_errc::network_unreachable;
    case 4: return proxy_errc::host_unreachable;
    case 5: return proxy_errc::connection_refused;
    case 6: return proxy_errc::time_to_live_expired;
    case 7: return proxy_errc::command_not_supported;
    case 8: return proxy_errc::address_type_not_supported;
    default: return proxy_errc::unknown_reply;
    }
}

}  // namespace

socks_dialogue::socks_dialogue(const socks_request& request)
    : authenticates_(!request.username.empty()), greeting_(make_greeting(authenticates_)),
      credentials_(make_credentials(request)), request_(make_request(request.target))
{
    say(greeting_);
    expect(state::method, short_answer_size);
}

std::span<const std::byte> socks_dialogue::output() const noexcept
{
    return output_;
}

void socks_dialogue::sent(std::size_t octets) noexcept
{
    output_ = output_.subspan(octets);
}

std::size_t socks_dialogue::wanted() const noexcept
{
    return is_over() ? 0 : expected_ - size_;
}

std::error_code socks_dialogue::received(std::span<const std::byte> octets) noexcept
{
    const std::size_t taken = std::min(octets.size(), wanted());
    std::copy_n(octets.begin(), taken, answer_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += taken;
    const std::error_code error = go_on();
    if (error)
        expect(state::over, 0);
    return error;
}

// What the octets so far say.
std::error_code socks_dialogue::go_on() noexcept
{
    switch (state_)
    {
    case state::method: return check_method();
    case state::authentication: return check_authentication();
    case state::reply_head: return check_reply();
    case state::reply_rest:
        if (size_ == expected_)
            expect(state::over, 0);
        return {};
    case state::over: return {};
    }
    return {};
}

// Only what was offered may be chosen. Another choice would have us send a password that nobody gave us, or go without.
std::error_code socks_dialogue::check_method() noexcept
{
    if (size_ > 0 && answer_[0] != std::byte{version})
        return proxy_errc::not_socks;
    if (size_ < expected_)
        return {};
    if (answer_[1] != greeting_.back())
        return proxy_errc::no_acceptable_method;
    say(authenticates_ ? credentials_ : request_);
    if (authenticates_)
        expect(state::authentication, short_answer_size);
    else
        expect(state::reply_head, reply_head_size);
    return {};
}

std::error_code socks_dialogue::check_authentication() noexcept
{
    if (size_ > 0 && answer_[0] != std::byte{credentials_version})
        return proxy_errc::not_socks;
    if (size_ < expected_)
        return {};
    if (answer_[1] != std::byte{0})
        return proxy_errc::authentication_failed;
    say(request_);
    expect(state::reply_head, reply_head_size);
    return {};
}

std::error_code socks_dialogue::check_reply() noexcept
{
    if (size_ > 0 && answer_[0] != std::byte{version})
        return proxy_errc::not_socks;
    if (size_ > 1 && answer_[1] != std::byte{0})
        return error_of_reply(answer_[1]);
    if (size_ < expected_)
        return {};
    const std::size_t first = std::to_integer<std::size_t>(answer_[4]);  // of the address
    switch (static_cast<socks_target::kind>(answer_[3]))
    {
    case socks_target::kind::ipv4: expect(state::reply_rest, ipv4_size - 1 + port_size); return {};
    case socks_target::kind::ipv6: expect(state::reply_rest, ipv6_size - 1 + port_size); return {};
    case socks_target::kind::name: expect(state::reply_rest, first + port_size); return {};
    }
    return proxy_errc::not_socks;
}

void socks_dialogue::expect(state next, std::size_t size) noexcept
{
    state_ = next;
    size_ = 0;
    expected_ = size;
}

void socks_dialogue::say(const std::vector<std::byte>& octets) noexcept
{
    output_ = octets;
}

}  // namespace ferry::transports
