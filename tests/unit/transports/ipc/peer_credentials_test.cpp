#include "transports/ipc/peer_credentials.hpp"

#include <string>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "transports/socket_handle.hpp"

using namespace ferry::transports;

namespace
{

constexpr std::uint32_t nobody_has_this = 0xfffffff0;

/// Every user of this machine whom its database calls a member of a group, with that group.
std::vector<std::pair<std::uint32_t, std::uint32_t>> memberships()
{
    std::vector<std::pair<std::string, std::uint32_t>> names;
    ::setgrent();
    while (const group* entry = ::getgrent())
        for (char** member = entry->gr_mem; *member != nullptr; ++member)
            names.emplace_back(*member, entry->gr_gid);
    ::endgrent();
    std::vector<std::pair<std::uint32_t, std::uint32_t>> result;
    for (const auto& [name, id] : names)
        if (const passwd* user = ::getpwnam(name.c_str()))
            result.emplace_back(user->pw_uid, id);
    return result;
}

}  // namespace

TEST_CASE("the system vouches for who is at the other end")
{
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    const socket_handle one(ends[0]);
    const socket_handle other(ends[1]);
    const auto peer = credentials_of(one.get());
    REQUIRE(peer);
    CHECK(peer->user == ::geteuid());
    CHECK(peer->group == ::getegid());
    CHECK(peer->process.value_or(0) == static_cast<std::uint32_t>(::getpid()));
}

TEST_CASE("of what is no local socket nobody is known, and filters let nobody in")
{
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const socket_handle one(ends[0]);
    const socket_handle other(ends[1]);
    CHECK_FALSE(credentials_of(one.get()));
    transport_options options;
    CHECK(is_allowed({}, options));
    options.ipc_accept_users = {::geteuid()};
    CHECK_FALSE(is_allowed({}, options));
}

TEST_CASE("whom the system's database calls a member of a group is let in by its number")
{
    for (const auto& [user, group] : memberships())
    {
        CAPTURE(user, group);
        CHECK(is_member(user, group));
        transport_options options;
        options.ipc_accept_groups = {nobody_has_this, group};
        CHECK(is_allowed(peer_credentials{user, nobody_has_this, 1}, options));
    }
}

TEST_CASE("users and groups that are not in the database are members of nothing")
{
    CHECK_FALSE(is_member(nobody_has_this, ::getegid()));
    CHECK_FALSE(is_member(::geteuid(), nobody_has_this));
}
