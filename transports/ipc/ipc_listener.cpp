#include <array>
#include <utility>

#include <ferry/error.hpp>

#include "transports/adopted_socket.hpp"
#include "transports/ipc/ipc_transport.hpp"
#include "transports/ipc/peer_credentials.hpp"
#include "transports/ipc/socket_file.hpp"
#include "transports/socket_listener.hpp"
#include "transports/socket_options.hpp"

namespace ferry::transports
{

namespace
{

/// The peer's end has no name as a rule, so it is called by its scheme alone: "ipc://".
class ipc_listening final : public listening
{
public:
    ipc_listening(socket_file file, std::string endpoint, transport_options options)
        : file_(std::move(file)), endpoint_(std::move(endpoint)), options_(std::move(options))
    {
    }

    stream_description welcome(int descriptor, std::error_code& error) const override
    {
        error.clear();
        if (!is_allowed(credentials_of(descriptor), options_))
            error = errc::peer_not_allowed;
        bound_local_send_buffer(descriptor, options_);
        return {endpoint_, "ipc://", local_peer_address(descriptor)};
    }

    void before_close() noexcept override { file_.remove(); }

private:
    socket_file file_;
    std::string endpoint_;
    transport_options options_;
};

// "ipc:///run/feed", "ipc://@name"; "ipc://" if it has no name.
std::string endpoint_of(int descriptor, failure& why)
{
    std::error_code error;
    auto name = socket_address::of_local_end(descriptor, error).local_name();
    if (error)
        why = {error, {}};
    if (!name.empty() && name.front() == '\0')
        name.front() = '@';
    return "ipc://" + name;
}

// Its file, if it has one, is the business of who made it.
std::unique_ptr<listener> adopt_ipc_listener(
    const asio::any_io_executor& executor, const transport_options& options, failure& why)
{
    auto socket = adopt_listening_socket(options.descriptor, std::array{AF_UNIX}, why);
    if (why)
        return nullptr;
    auto endpoint = endpoint_of(socket.get(), why);
    auto kind = std::make_unique<ipc_listening>(socket_file{}, endpoint, options);
    auto result = why
        ? nullptr
        : make_socket_listener(executor, socket, std::move(endpoint), std::move(kind), why);
    if (!result)
        (void)socket.release();  // the caller's still
    return result;
}

}  // namespace

std::unique_ptr<listener> make_ipc_listener(const asio::any_io_executor& executor,
    const ipc_address& where, const transport_options& options, failure& why)
{
    why = {};
    if (options.descriptor >= 0)
        return adopt_ipc_listener(executor, options, why);
    std::error_code error;
    auto socket = open_stream_socket(AF_UNIX, error);
    if (error)
    {
        why = {error, {}};
        return nullptr;
    }
    why = apply_buffer_options(socket.get(), options);
    if (why)
        return nullptr;

    socket_file file;
    std::string name = where.text;
    switch (where.what)
    {
    case ipc_address::kind::path:
        file = socket_file::bind_and_listen(socket.get(), where.text, options.backlog, why);
        break;
    case ipc_address::kind::wildcard:
        file = socket_file::bind_and_listen_anywhere(socket.get(), options.backlog, why);
        name = file.path();
        break;
    case ipc_address::kind::abstract_name:
        error = bind_socket(socket.get(), where.to_socket_address());
        if (!error)
            error = listen_on(socket.get(), options.backlog);
        why = {error, {}};
        break;
    }
    if (why)
        return nullptr;

    auto endpoint = "ipc://" + name;
    auto kind = std::make_unique<ipc_listening>(std::move(file), endpoint, options);
    return make_socket_listener(executor, socket, std::move(endpoint), std::move(kind), why);
}

}  // namespace ferry::transports
