#include "engine/c_api/option_access.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

namespace ferry::c_api
{

bool read_int(given_value given, int& value) noexcept
{
    if (given.data == nullptr || given.size != sizeof value)
        return false;
    std::memcpy(&value, given.data, sizeof value);
    return true;
}

int put(given_room room, const void* data, std::size_t size) noexcept
{
    if (room.size < size)
        return EINVAL;
    std::memset(room.data, 0, room.size);  // what is too much of it is zero then
    if (size != 0)
        std::memcpy(room.data, data, size);
    room.size = size;
    return 0;
}

namespace
{

int store(c_socket& socket, const option_row& row, int value)
{
    if (row.apply != nullptr)
        row.apply(socket, value);
    if (row.value != nullptr)
        socket.options().*row.value = value;
    if (row.mechanism >= 0)
        socket.options().mechanism = row.mechanism;
    return 0;
}

}  // namespace

int set_number(c_socket& socket, const option_row& row, given_value given)
{
    int value = 0;
    if (!read_int(given, value) || value < row.lowest || value > row.highest)
        return EINVAL;
    return store(socket, row, value);
}

int get_number(c_socket& socket, const option_row& row, given_room room)
{
    const int value = socket.options().*row.value;
    return room.size == sizeof value ? put(room, &value, sizeof value) : EINVAL;
}

int set_strict_flag(c_socket& socket, const option_row& row, given_value given)
{
    int value = 0;
    if (!read_int(given, value) || (value != 0 && value != 1))
        return EINVAL;
    return store(socket, row, value);
}

int set_loose_flag(c_socket& socket, const option_row& row, given_value given)
{
    int value = 0;
    if (!read_int(given, value))
        return EINVAL;
    return store(socket, row, value != 0 ? 1 : 0);
}

int set_pattern_flag(c_socket& socket, const option_row& row, given_value given)
{
    int value = 0;
    if (!read_int(given, value) || value < 0)
        return EINVAL;
    return store(socket, row, value != 0 ? 1 : 0);
}

int set_octets(c_socket& socket, const option_row& row, given_value given)
{
    if (given.data == nullptr || given.size < static_cast<std::size_t>(row.lowest) ||
        given.size > static_cast<std::size_t>(row.highest))
        return EINVAL;
    (socket.options().*row.text).assign(static_cast<const char*>(given.data), given.size);
    if (row.mechanism >= 0)
        socket.options().mechanism = row.mechanism;
    return 0;
}

int get_octets(c_socket& socket, const option_row& row, given_room room)
{
    const std::string& text = socket.options().*row.text;
    return put(room, text.data(), text.size());
}

int get_text(c_socket& socket, const option_row& row, given_room room)
{
    const std::string& text = socket.options().*row.text;
    return put(room, text.c_str(), text.size() + 1);
}

int set_optional_text(c_socket& socket, const option_row& row, given_value given)
{
    if (given.data != nullptr || given.size != 0)
        return set_octets(socket, row, given);
    (socket.options().*row.text).clear();
    return 0;
}

}  // namespace ferry::c_api
