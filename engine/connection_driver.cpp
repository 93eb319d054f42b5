#include "engine/connection_driver.hpp"

#include <utility>

#include "engine/raw_session.hpp"
#include "engine/session.hpp"
#include "engine/settings.hpp"

namespace ferry::detail
{

std::shared_ptr<connection_driver> make_driver(socket_type type, const socket_options& options,
    std::unique_ptr<transports::byte_stream> stream, session_loop& loop,
    std::shared_ptr<session_host> host)
{
    if (is_raw(type, options))
        return std::make_shared<raw_session>(
            std::move(stream), options.stream_notify, loop, std::move(host));
    return std::make_shared<session>(
        std::move(stream), connection_settings(type, options), loop, std::move(host));
}

}  // namespace ferry::detail
