// What socket types do unless they say otherwise.
#include "patterns/pattern.hpp"

namespace ferry::patterns
{

outcome pattern::check_send(std::string_view)
{
    return can_send() ? outcome::done() : outcome::would_block();
}

bool pattern::send_octets(std::span<const std::byte>)
{
    return false;
}

std::error_code pattern::subscribe(std::string_view)
{
    return errc::not_supported;
}

std::error_code pattern::unsubscribe(std::string_view)
{
    return errc::not_supported;
}

std::size_t pattern::subscribers(std::string_view)
{
    return 0;
}

std::string pattern::last_connect_routing_id() const
{
    return {};
}

}  // namespace ferry::patterns
