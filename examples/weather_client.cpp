// Weather, the client: averages the temperatures of one zip code.
//
//     weather_client [endpoint] [zip-code] [updates]
#include <iostream>
#include <sstream>
#include <string>

#include <ferry/ferry.hpp>

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://localhost:5556";
    const std::string zip_code = argc > 2 ? argv[2] : "10001";
    const int updates = argc > 3 ? std::stoi(argv[3]) : 100;

    ferry::context context;
    ferry::sub_socket subscriber{context};
    subscriber.subscribe(zip_code + ' ');  // a prefix: the space keeps other codes out
    subscriber.connect(endpoint);

    long total = 0;
    for (int i = 0; i < updates; ++i)
    {
        const ferry::message update = subscriber.receive();
        std::istringstream fields{update.front().string()};
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
