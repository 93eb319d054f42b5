// Hello World, the client: says "Hello" ten times, and waits for the answer each time.
//
//     hello_world_client [endpoint] [requests]
#include <iostream>
#include <string>

#include <ferry/ferry.hpp>

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://localhost:5555";
    const int requests = argc > 2 ? std::stoi(argv[2]) : 10;

    ferry::context context;
    ferry::req_socket client{context};
    client.connect(endpoint);  // returns at once; the server may start later

    for (int asked = 0; asked < requests; ++asked)
    {
        client.send("Hello");
        const ferry::message reply = client.receive();
        std::cout << "received " << reply.front().text() << ' ' << asked << std::endl;
    }
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
