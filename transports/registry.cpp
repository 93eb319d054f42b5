#include "transports/registry.hpp"

#include "transports/ipc/ipc_transport.hpp"
#include "transports/tcp/tcp_transport.hpp"

namespace ferry::transports
{

registry::registry() : transports_{make_tcp_transport(), make_ipc_transport()} {}

const transport* registry::find(std::string_view scheme) const noexcept
{
    for (const auto& candidate : transports_)
    {
        if (candidate->scheme() == scheme)
            return candidate.get();
    }
    return nullptr;
}

}  // namespace ferry::transports
