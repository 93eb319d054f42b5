// Endpoint texts: split, then read as tcp (both ways) and as ipc.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "transports/endpoint.hpp"
#include "transports/ipc/ipc_address.hpp"
#include "transports/tcp/tcp_address.hpp"

using namespace ferry::transports;

namespace
{

void require(bool holds)
{
    if (!holds)
        std::abort();
}

void read_address(std::string_view text)
{
    failure why;
    const auto bound = parse_tcp_bind_address(text, why);
    require(bound.has_value() == !why);
    require(bound.has_value() || !why.detail.empty());

    const auto connected = parse_tcp_connect_address(text, why);
    require(connected.has_value() == !why);
    require(!connected || connected->port != 0);

    const auto local = parse_ipc_address(text, why);
    require(local.has_value() == !why);
    if (local && local->what != ipc_address::kind::wildcard)
        require(local->to_socket_address().size() > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto where = endpoint::parse(text))
    {
        require(where->text() == text);
        require(!where->scheme().empty() && !where->address().empty());
        require(endpoint::parse(where->text()) == where);
        read_address(where->address());
    }
    read_address(text);
    return 0;
}
