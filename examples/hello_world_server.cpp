// Hello World, the server: answers each "Hello" with "World".
//
//     hello_world_server [endpoint] [requests]
#include <iostream>
#include <string>

#include <ferry/ferry.hpp>

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5555";
    const int requests = argc > 2 ? std::stoi(argv[2]) : 0;  // 0: for ever

    ferry::context context;
    ferry::rep_socket server{context};
    std::cout << "listening on " << server.bind(endpoint) << std::endl;

    for (int served = 0; requests == 0 || served < requests; ++served)
    {
        const ferry::message request = server.receive();
        std::cout << "received " << request.front().text() << std::endl;
        server.send("World");
    }
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
