// The options of security mechanisms: accepted as libzmq does, and kept.
#pragma once

#include <cerrno>

#include "engine/c_api/option_access.hpp"

namespace ferry::c_api
{

/// ..._SERVER: 1 chooses the row's mechanism and its server's role, 0 no mechanism.
int set_server(c_socket& socket, const option_row& row, given_value given);
template <int Mechanism>
int get_server(c_socket& socket, const option_row&, given_room room)
{
    const option_values& o = socket.options();
    const int value = o.as_server != 0 && o.mechanism == Mechanism ? 1 : 0;
    return room.size == sizeof value ? put(room, &value, sizeof value) : EINVAL;
}
/// User name and password: make it a client of the row's mechanism; null, of none.
int set_credential(c_socket& socket, const option_row& row, given_value given);
/// 32 octets, or 40 characters of Z85 with or without a null character.
int set_key(c_socket& socket, const option_row& row, given_value given);
int set_server_key(c_socket& socket, const option_row& row, given_value given);
int get_key(c_socket& socket, const option_row& row, given_room room);

}  // namespace ferry::c_api
