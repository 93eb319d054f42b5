// Any octets as a command: what is read lies inside of them, and is written back the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "protocol/command.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ferry::protocol;
    const auto body = std::as_bytes(std::span(data, size));
    const auto command = parse_command(body);
    static_cast<void>(why_not_in_handshake(command));
    if (!command)
        return 0;
    if (!std::ranges::equal(make_command(command->name, command->data), body))
        std::abort();

    if (const auto ping = parse_ping(command->data))
    {
        const auto again = make_ping(ping->ttl_deciseconds, ping->context);
        if (ping->context.size() > max_ping_context || again.size() != 7 + ping->context.size())
            std::abort();
        if (make_pong(ping->context).size() != 5 + ping->context.size())
            std::abort();
    }
    if (const auto reason = parse_error(command->data))
    {
        if (make_error(*reason).size() != 7 + reason->size())
            std::abort();
    }
    return 0;
}
