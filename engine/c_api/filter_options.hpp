// The options that say who may connect.
#pragma once

#include <cerrno>
#include <cstdint>
#include <vector>

#include "engine/c_api/option_access.hpp"

namespace ferry::c_api
{

/// One more range of addresses, "10.0.0.0/8". Null: none any more.
int set_address_filter(c_socket& socket, const option_row& row, given_value given);

/// One more process, user or group id. Null: none any more of this kind.
template <std::vector<std::uint32_t> ipc_filter::*Ids>
int set_id_filter(c_socket& socket, const option_row&, given_value given)
{
    auto& ids = socket.options().ipc_accept_filter.*Ids;
    int id = 0;
    if (given.data == nullptr && given.size == 0)
        ids.clear();
    else if (read_int(given, id))
        ids.push_back(static_cast<std::uint32_t>(id));
    else
        return EINVAL;
    return 0;
}

}  // namespace ferry::c_api
