// Parallel pipeline, the ventilator: deals tasks out to the workers. A task is a number of
// milliseconds to work for.
//
//     ventilator [endpoint] [sink] [workers] [tasks]
#include <iostream>
#include <random>
#include <string>

#include <ferry/ferry.hpp>

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5557";
    const std::string sink_endpoint = argc > 2 ? argv[2] : "tcp://localhost:5558";
    const std::size_t workers = argc > 3 ? std::stoul(argv[3]) : 1;
    const int tasks = argc > 4 ? std::stoi(argv[4]) : 100;

    ferry::context context;
    ferry::push_socket sink{context};
    sink.connect(sink_endpoint);
    ferry::push_socket ventilator{context};
    std::cout << "listening on " << ventilator.bind(endpoint) << std::endl;
    ventilator.wait_for_peers(workers);  // else the first worker to come would get all the tasks

    sink.send("0");  // the batch begins
    std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution milliseconds{1, 100};
    int total = 0;
    for (int i = 0; i < tasks; ++i)
    {
        const int workload = milliseconds(random);
        total += workload;
        ventilator.send(std::to_string(workload));
    }
    std::cout << "sent " << tasks << " tasks, total workload " << total << " ms" << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
