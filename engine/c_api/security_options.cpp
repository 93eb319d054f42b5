#include "engine/c_api/security_options.hpp"

#include <cerrno>
#include <string>

#include <zmq.h>

namespace ferry::c_api
{

namespace
{

constexpr std::size_t key_octets = 32;
constexpr std::size_t key_characters = 40;

}  // namespace

int set_server(c_socket& socket, const option_row& row, given_value given)
{
    int value = 0;
    if (!read_int(given, value) || (value != 0 && value != 1))
        return EINVAL;
    socket.options().as_server = value;
    socket.options().mechanism = value != 0 ? row.mechanism : ZMQ_NULL;
    return 0;
}

int set_credential(c_socket& socket, const option_row& row, given_value given)
{
    if (given.data == nullptr && given.size == 0)
    {
        socket.options().mechanism = ZMQ_NULL;
        return 0;
    }
    if (const int wrong = set_octets(socket, row, given))
        return wrong;
    socket.options().as_server = 0;
    return 0;
}

int set_key(c_socket& socket, const option_row& row, given_value given)
{
    if (given.data == nullptr)
        return EINVAL;
    const auto* text = static_cast<const char*>(given.data);
    std::string key(key_octets, '\0');
    if (given.size == key_octets)
        key.assign(text, key_octets);
    else if (given.size == key_characters ||
        (given.size == key_characters + 1 && text[key_characters] == '\0'))
    {
        const std::string terminated(text, key_characters);
        if (zmq_z85_decode(reinterpret_cast<std::uint8_t*>(key.data()), terminated.c_str()) ==
            nullptr)
            return EINVAL;
    }
    else
        return EINVAL;
    socket.options().*row.text = std::move(key);
    socket.options().mechanism = row.mechanism;
    return 0;
}

int set_server_key(c_socket& socket, const option_row& row, given_value given)
{
    const int wrong = set_key(socket, row, given);
    if (wrong == 0)
        socket.options().as_server = 0;
    return wrong;
}

int get_key(c_socket& socket, const option_row& row, given_room room)
{
    const std::string& key = socket.options().*row.text;
    if (room.size == key_octets)
        return put(room, key.data(), key_octets);
    if (room.size != key_characters + 1)
        return EINVAL;
    zmq_z85_encode(static_cast<char*>(room.data), reinterpret_cast<const std::uint8_t*>(key.data()),
        key_octets);
    return 0;
}

}  // namespace ferry::c_api
