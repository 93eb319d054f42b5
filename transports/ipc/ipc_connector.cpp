#include <utility>

#include "transports/ipc/ipc_transport.hpp"
#include "transports/ipc/peer_credentials.hpp"
#include "transports/socket_connector.hpp"
#include "transports/socket_options.hpp"

namespace ferry::transports
{

namespace
{

class ipc_dialing final : public dialing
{
public:
    ipc_dialing(ipc_address where, transport_options options)
        : where_(std::move(where)), options_(std::move(options))
    {
    }

    dial_targets targets(std::error_code& error) const override
    {
        error.clear();
        dial_targets result;
        result.addresses.push_back(where_.to_socket_address());
        return result;
    }

    socket_handle open(const socket_address&, std::error_code& error) const override
    {
        auto socket = open_stream_socket(AF_UNIX, error);
        if (!error)
            error = apply_buffer_options(socket.get(), options_).error;
        return error ? socket_handle{} : std::move(socket);
    }

    stream_description describe(int descriptor, std::error_code& error) const override
    {
        error.clear();
        bound_local_send_buffer(descriptor, options_);
        return {"ipc://", "ipc://" + where_.text, local_peer_address(descriptor)};
    }

private:
    ipc_address where_;
    transport_options options_;
};

}  // namespace

std::unique_ptr<connector> make_ipc_connector(
    asio::any_io_executor executor, ipc_address where, const transport_options& options)
{
    return make_socket_connector(
        std::move(executor), std::make_unique<ipc_dialing>(std::move(where), options));
}

}  // namespace ferry::transports
