#include "transports/ipc/peer_credentials.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace ferry::transports
{

std::string local_peer_address(int descriptor)
{
    std::string result = "localhost";
#ifdef SO_PEERCRED
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
    {
        result += ":" + std::to_string(peer.uid) + ":" + std::to_string(peer.gid) + ":" +
            std::to_string(peer.pid);
    }
#else
    uid_t user = 0;
    gid_t group = 0;
    if (::getpeereid(descriptor, &user, &group) == 0)
        result += ":" + std::to_string(user) + ":" + std::to_string(group);
#endif
    return result;
}

}  // namespace ferry::transports
