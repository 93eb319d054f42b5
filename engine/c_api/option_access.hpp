// One row of the table of options, and the ways to set and get that rows share.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/c_api/options.hpp"
#include "engine/c_api/socket.hpp"

namespace ferry::c_api
{

struct option_row;

/// What a program gave, or gave room for.
struct given_value
{
    const void* data;
    std::size_t size;
};
struct given_room
{
    void* data;
    std::size_t& size;
};

// 0, or an errno. The options are locked.
using option_setter = int (*)(c_socket&, const option_row&, given_value);
using option_getter = int (*)(c_socket&, const option_row&, given_room);

struct option_row
{
    int number;
    option_setter set = nullptr;  ///< null: cannot be set
    option_getter get = nullptr;  ///< null: cannot be read
    int option_values::*value = nullptr;
    std::string option_values::*text = nullptr;
    int lowest = 0;
    int highest = INT_MAX;
    unsigned types = ~0U;  ///< the socket types that have it, as bits
    /// What the new number does at once.
    void (*apply)(c_socket&, int value) = nullptr;
    int mechanism = -1;  ///< that setting it chooses
};

/// The options that are for certain types only.
[[nodiscard]] constexpr unsigned only(auto... types) noexcept
{
    return ((1U << static_cast<unsigned>(types)) | ...);
}

// Numbers of libzmq's type int, within the row's limits.
int set_number(c_socket& socket, const option_row& row, given_value given);
int get_number(c_socket& socket, const option_row& row, given_room room);
// Whether: 0 or 1, and nothing else; or anything but 0.
int set_strict_flag(c_socket& socket, const option_row& row, given_value given);
int set_loose_flag(c_socket& socket, const option_row& row, given_value given);
// For types that remember it themselves: only `apply` sees it.
int set_pattern_flag(c_socket& socket, const option_row& row, given_value given);
// Octets, `lowest` to `highest` of them.
int set_octets(c_socket& socket, const option_row& row, given_value given);
int get_octets(c_socket& socket, const option_row& row, given_room room);
// The same, with a null character behind them when they are read.
int get_text(c_socket& socket, const option_row& row, given_room room);
// Null, or none, is the empty text.
int set_optional_text(c_socket& socket, const option_row& row, given_value given);

/// An int that a program gave; false if it is none.
[[nodiscard]] bool read_int(given_value given, int& value) noexcept;
/// EINVAL when there is too little room.
[[nodiscard]] int put(given_room room, const void* data, std::size_t size) noexcept;

}  // namespace ferry::c_api
