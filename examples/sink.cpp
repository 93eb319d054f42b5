// Parallel pipeline, the sink: collects the results of one batch of tasks, from all workers.
//
//     sink [endpoint] [tasks]
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include <ferry/ferry.hpp>

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5558";
    const int tasks = argc > 2 ? std::stoi(argv[2]) : 100;

    ferry::context context;
    ferry::pull_socket sink{context};
    std::cout << "listening on " << sink.bind(endpoint) << std::endl;

    int total = std::atoi(sink.receive().front().string().c_str());  // "0": the batch begins
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < tasks; ++i)
    {
        total += std::atoi(sink.receive().front().string().c_str());
        std::cout << ((i + 1) % 10 == 0 ? ':' : '.') << std::flush;
    }
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    std::cout << "\nreceived " << tasks << " results, total workload " << total << " ms, in "
              << elapsed.count() << " ms" << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
