// Weather, the server, on libzmq: the twin of ../weather_server.cpp.
//
//     zmq_weather_server [endpoint] [zip-codes]
#include <cstdio>
#include <iostream>
#include <random>
#include <string>

#include <zmq.hpp>

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5556";
    const int zip_codes = argc > 2 ? std::stoi(argv[2]) : 100'000;  // 00000, 00001, and so on

    zmq::context_t context;
    zmq::socket_t publisher{context, zmq::socket_type::pub};
    publisher.bind(endpoint);
    std::cout << "listening on " << publisher.get(zmq::sockopt::last_endpoint) << std::endl;

    std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution zip_code{0, zip_codes - 1};
    std::uniform_int_distribution temperature{-80, 135};
    std::uniform_int_distribution humidity{10, 60};
    for (;;)
    {
        char update[40];
        const int size = std::snprintf(update, sizeof update, "%05d %d %d", zip_code(random),
            temperature(random), humidity(random));
        publisher.send(zmq::buffer(update, static_cast<std::size_t>(size)));
    }
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
