// Hello World, the client, on libzmq: the twin of ../hello_world_client.cpp.
//
//     zmq_hello_world_client [endpoint] [requests]
#include <iostream>
#include <string>

#include <zmq.hpp>

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://localhost:5555";
    const int requests = argc > 2 ? std::stoi(argv[2]) : 10;

    zmq::context_t context;
    zmq::socket_t client{context, zmq::socket_type::req};
    client.connect(endpoint);

    for (int asked = 0; asked < requests; ++asked)
    {
        client.send(zmq::str_buffer("Hello"));
        zmq::message_t reply;
        if (client.recv(reply))
            std::cout << "received " << reply.to_string_view() << ' ' << asked << std::endl;
    }
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
