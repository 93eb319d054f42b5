#include "transports/ipc/peer_credentials.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ferry::transports
{

namespace
{

constexpr std::size_t first_room = 4096;
constexpr std::size_t most_room = std::size_t{4} << 20;  // for groups of very many members

// What one of the database's reentrant functions finds, with as much room for its texts as it needs. Null: nothing.
template <class Entry, class Lookup>
Entry* look_up(Entry& entry, std::vector<char>& room, const Lookup& lookup)
{
    Entry* found = nullptr;
    for (room.resize(first_room); room.size() <= most_room; room.resize(room.size() * 4))
    {
        const int error = lookup(&entry, room.data(), room.size(), &found);
        if (error != ERANGE && error != EINTR)
            return error == 0 ? found : nullptr;
    }
    return nullptr;
}

bool contains(const std::vector<std::uint32_t>& all, std::uint32_t one) noexcept
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

std::optional<peer_credentials> credentials_of(int descriptor)
{
#ifdef SO_PEERCRED
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return {};
    return peer_credentials{peer.uid, peer.gid, static_cast<std::uint32_t>(peer.pid)};
#else
    uid_t user = 0;
    gid_t group = 0;
    if (::getpeereid(descriptor, &user, &group) != 0)
        return {};
    return peer_credentials{user, group, {}};
#endif
}

bool is_member(std::uint32_t user, std::uint32_t group)
{
    passwd person{};
    std::vector<char> person_room;
    if (look_up(person, person_room,
            [user](auto... rest) { return ::getpwuid_r(user, rest...); }) == nullptr)
        return false;
    ::group members{};
    std::vector<char> members_room;
    if (look_up(members, members_room,
            [group](auto... rest) { return ::getgrgid_r(group, rest...); }) == nullptr)
        return false;
    for (char** member = members.gr_mem; *member != nullptr; ++member)
    {
        if (std::string_view(*member) == person.pw_name)
            return true;
    }
    return false;
}

bool is_allowed(const std::optional<peer_credentials>& peer, const transport_options& options)
{
    const auto& users = options.ipc_accept_users;
    const auto& groups = options.ipc_accept_groups;
    const auto& processes = options.ipc_accept_processes;
    if (users.empty() && groups.empty() && processes.empty())
        return true;
    if (!peer)
        return false;
    return contains(users, peer->user) || contains(groups, peer->group) ||
        (peer->process && contains(processes, *peer->process)) ||
        std::any_of(groups.begin(), groups.end(),
            [&](std::uint32_t group) { return is_member(peer->user, group); });
}

std::string local_peer_address(int descriptor)
{
    std::string result = "localhost";
    const auto peer = credentials_of(descriptor);
    if (!peer)
        return result;
    result += ":" + std::to_string(peer->user) + ":" + std::to_string(peer->group);
    // A process of which this one may not know has the number 0.
    return peer->process ? result + ":" + std::to_string(*peer->process) : result;
}

}  // namespace ferry::transports
