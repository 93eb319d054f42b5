#include "transports/socks/socks_exchange.hpp"

#include <algorithm>
#include <array>

#include <asio/error.hpp>

#include <ferry/error.hpp>

#include "transports/socket_octets.hpp"

namespace ferry::transports
{

namespace
{

constexpr std::size_t room = 257;  // more is never wanted

bool is_end_of_stream(std::error_code error) noexcept
{
    return error == asio::error::eof || error == std::errc::connection_reset ||
        error == std::errc::broken_pipe;
}

std::error_code step(int descriptor, socks_dialogue& dialogue) noexcept
{
    std::error_code error;
    if (const auto output = dialogue.output(); !output.empty())
    {
        dialogue.sent(write_octets(descriptor, std::span(&output, 1), error));
        return error;
    }
    std::array<std::byte, room> buffer{};
    const std::size_t most = std::min(room, dialogue.wanted());
    const std::size_t size = read_octets(descriptor, std::span(buffer).first(most), error);
    return error ? error : dialogue.received(std::span(buffer).first(size));
}

}  // namespace

std::error_code exchange(int descriptor, socks_dialogue& dialogue) noexcept
{
    while (!dialogue.is_over())
    {
        const std::error_code error = step(descriptor, dialogue);
        if (is_end_of_stream(error))
            return proxy_errc::connection_closed;
        if (error)
            return error;
    }
    return {};
}

}  // namespace ferry::transports
