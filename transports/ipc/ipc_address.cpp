#include "transports/ipc/ipc_address.hpp"

#include <array>
#include <utility>

#include <ferry/error.hpp>

namespace ferry::transports
{

namespace
{

#ifdef __linux__
constexpr bool has_abstract_names = true;
#else
constexpr bool has_abstract_names = false;
#endif

std::nullopt_t refuse(failure& why, std::error_code error, std::string detail)
{
    why = {error, std::move(detail)};
    return std::nullopt;
}

}  // namespace

socket_address ipc_address::to_socket_address() const noexcept
{
    if (what != kind::abstract_name)
        return socket_address::local(text);
    std::array<char, 128> name{};  // starts with the NUL
    const auto size = text.copy(name.data() + 1, name.size() - 1, 1) + 1;
    return socket_address::local({name.data(), size});
}

std::optional<ipc_address> parse_ipc_address(std::string_view text, failure& why)
{
    why = {};
    if (text.empty())
        return refuse(why, errc::invalid_endpoint, "no path");
    if (text.find('\0') != std::string_view::npos)
        return refuse(why, errc::invalid_endpoint, "the path contains a NUL octet");
    if (text == "*")
        return ipc_address{ipc_address::kind::wildcard, std::string(text)};

    // A path needs room for its NUL. libzmq holds abstract names to the same limit.
    const auto longest = socket_address::max_local_size - 1;
    if (text.size() > longest)
    {
        return refuse(why, errc::path_too_long,
            "the path has " + std::to_string(text.size()) + " octets, the limit is " +
                std::to_string(longest));
    }
    if (text.front() != '@')
        return ipc_address{ipc_address::kind::path, std::string(text)};
    if (text.size() == 1)
        return refuse(why, errc::invalid_endpoint, "no name after @");
    if (!has_abstract_names)
        return refuse(why, errc::invalid_endpoint, "this system has no abstract names");
    return ipc_address{ipc_address::kind::abstract_name, std::string(text)};
}

}  // namespace ferry::transports
