// The socket types of ZeroMQ: their numbers, their names on the wire, and who may talk to whom.
#include <ferry/socket_type.hpp>

#include <array>

namespace ferry
{

namespace
{

constexpr std::size_t type_count = 12;

constexpr std::array<std::string_view, type_count> names{
    "PAIR",
    "PUB",
    "SUB",
    "REQ",
    "REP",
    "DEALER",
    "ROUTER",
    "PULL",
    "PUSH",
    "XPUB",
    "XSUB",
    "STREAM",
};

constexpr unsigned set_of()
{
    return 0;
}

template <class... Types>
constexpr unsigned set_of(socket_type first, Types... others)
{
    return 1U << static_cast<unsigned>(first) | set_of(others...);
}

/// The peers a type accepts, as a set of bits. RFC 28, 29, 30 and 31.
constexpr unsigned accepted_by(socket_type own) noexcept
{
    using enum socket_type;
    switch (own)
    {
    case pair: return set_of(pair);
    case pub:
    case xpub: return set_of(sub, xsub);
    case sub:
    case xsub: return set_of(pub, xpub);
    case req: return set_of(rep, router);
    case rep: return set_of(req, dealer);
    case dealer: return set_of(rep, dealer, router);
    case router: return set_of(req, dealer, router);
    case pull: return set_of(push);
    case push: return set_of(pull);
    case stream: return set_of();  // speaks no ZMTP
    }
    return 0;
}

}  // namespace

std::string_view to_string(socket_type type) noexcept
{
    const auto index = static_cast<std::size_t>(type);
    return index < type_count ? names[index] : "UNKNOWN";
}

std::optional<socket_type> parse_socket_type(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < type_count; ++i)
        if (names[i] == name)
            return static_cast<socket_type>(i);
    return std::nullopt;
}

bool are_compatible(socket_type own, socket_type peer) noexcept
{
    const auto index = static_cast<unsigned>(peer);
    return index < type_count && (accepted_by(own) >> index & 1U) != 0;
}

}  // namespace ferry
