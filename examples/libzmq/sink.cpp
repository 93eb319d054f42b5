// Parallel pipeline, the sink, on libzmq: the twin of ../sink.cpp.
//
//     zmq_sink [endpoint] [tasks]
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include <zmq.hpp>

namespace
{
int receive_number(zmq::socket_t& socket)
{
    zmq::message_t number;
    return socket.recv(number) ? std::atoi(number.to_string().c_str()) : 0;
}
}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5558";
    const int tasks = argc > 2 ? std::stoi(argv[2]) : 100;

    zmq::context_t context;
    zmq::socket_t sink{context, zmq::socket_type::pull};
    sink.bind(endpoint);
    std::cout << "listening on " << sink.get(zmq::sockopt::last_endpoint) << std::endl;

    int total = receive_number(sink);  // "0": the batch begins
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < tasks; ++i)
    {
        total += receive_number(sink);
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
