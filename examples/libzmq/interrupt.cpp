// Leaving cleanly on Ctrl-C, on libzmq: the twin of ../interrupt.cpp.
//
//     zmq_interrupt [endpoint]
#include <csignal>
#include <iostream>
#include <string>

#include <zmq.hpp>

namespace
{
volatile std::sig_atomic_t interrupted = 0;

extern "C" void on_interrupt(int)
{
    interrupted = 1;
}
}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5555";
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);

    zmq::context_t context;
    zmq::socket_t server{context, zmq::socket_type::rep};
    server.bind(endpoint);
    std::cout << "listening on " << server.get(zmq::sockopt::last_endpoint)
              << ", press Ctrl-C to end" << std::endl;

    while (!interrupted)
    {
        try
        {
            zmq::message_t request;
            if (server.recv(request))
                server.send(zmq::str_buffer("World"));
        }
        catch (const zmq::error_t& failure)
        {
            if (failure.num() != EINTR)
                throw;
        }
    }
    std::cout << "interrupted; messages already sent are delivered, good-bye" << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
