// Weather, the client, on libzmq: the twin of ../weather_client.cpp.
//
//     zmq_weather_client [endpoint] [zip-code] [updates]
#include <iostream>
#include <sstream>
#include <string>

#include <zmq.hpp>

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://localhost:5556";
    const std::string zip_code = argc > 2 ? argv[2] : "10001";
    const int updates = argc > 3 ? std::stoi(argv[3]) : 100;

    zmq::context_t context;
    zmq::socket_t subscriber{context, zmq::socket_type::sub};
    subscriber.set(zmq::sockopt::subscribe, zip_code + ' ');
    subscriber.connect(endpoint);

    long total = 0;
    for (int i = 0; i < updates; ++i)
    {
        zmq::message_t update;
        if (!subscriber.recv(update))
            continue;
        std::istringstream fields{update.to_string()};
        std::string zip;
        int temperature = 0;
        fields >> zip >> temperature;
        if (zip != zip_code)
            throw std::runtime_error("an update of zip code " + zip + " came through the filter");
        total += temperature;
    }
    std::cout << "average temperature at zip code " << zip_code << " was " << total / updates
              << "F, over " << updates << " updates" << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
