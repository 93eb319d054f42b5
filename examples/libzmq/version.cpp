// Which libzmq this program was compiled against, and which one it runs with: the twin of
// ../version.cpp.
#include <iostream>

#include <zmq.hpp>

int main()
{
    const auto [major, minor, patch] = zmq::version();
    std::cout << "libzmq's header is version " << ZMQ_VERSION_MAJOR << '.' << ZMQ_VERSION_MINOR
              << '.' << ZMQ_VERSION_PATCH << ", its library is version " << major << '.' << minor
              << '.' << patch << '\n';
}
