// Hello World, the server, on libzmq: the twin of ../hello_world_server.cpp.
//
//     zmq_hello_world_server [endpoint] [requests]
#include <iostream>
#include <string>

#include <zmq.hpp>

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5555";
    const int requests = argc > 2 ? std::stoi(argv[2]) : 0;  // 0: for ever

    zmq::context_t context;
    zmq::socket_t server{context, zmq::socket_type::rep};
    server.bind(endpoint);
    std::cout << "listening on " << server.get(zmq::sockopt::last_endpoint) << std::endl;

    for (int served = 0; requests == 0 || served < requests; ++served)
    {
        zmq::message_t request;
        if (server.recv(request))
            std::cout << "received " << request.to_string_view() << std::endl;
        server.send(zmq::str_buffer("World"));
    }
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
