#include "transports/ipc/ipc_transport.hpp"

#include <utility>

#include <ferry/error.hpp>

namespace ferry::transports
{

namespace
{

class ipc_transport final : public transport
{
public:
    std::string_view scheme() const noexcept override { return "ipc"; }

    std::unique_ptr<listener> listen(asio::any_io_executor executor, const endpoint& where,
        const transport_options& options, failure& why) const override
    {
        const auto address = parse_ipc_address(where.address(), why);
        if (!address)
            return nullptr;
        return make_ipc_listener(executor, *address, options, why);
    }

    std::unique_ptr<connector> make_connector(asio::any_io_executor executor, const endpoint& where,
        const transport_options& options, failure& why) const override
    {
        auto address = parse_ipc_address(where.address(), why);
        if (!address)
            return nullptr;
        if (address->what == ipc_address::kind::wildcard)
        {
            why = {errc::invalid_endpoint, "* can only be bound"};
            return nullptr;
        }
        return make_ipc_connector(std::move(executor), std::move(*address), options);
    }
};

}  // namespace

std::shared_ptr<const transport> make_ipc_transport()
{
    return std::make_shared<ipc_transport>();
}

}  // namespace ferry::transports
