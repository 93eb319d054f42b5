// Parallel pipeline, a worker, on libzmq: the twin of ../worker.cpp.
//
//     zmq_worker [ventilator] [sink]
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include <zmq.hpp>

int main(int argc, char** argv)
try
{
    const std::string ventilator_endpoint = argc > 1 ? argv[1] : "tcp://localhost:5557";
    const std::string sink_endpoint = argc > 2 ? argv[2] : "tcp://localhost:5558";

    zmq::context_t context;
    zmq::socket_t tasks{context, zmq::socket_type::pull};
    tasks.connect(ventilator_endpoint);
    zmq::socket_t results{context, zmq::socket_type::push};
    results.connect(sink_endpoint);
    std::cout << "ready" << std::endl;

    for (;;)
    {
        zmq::message_t task;
        if (!tasks.recv(task))
            continue;
        std::this_thread::sleep_for(std::chrono::milliseconds{std::stoi(task.to_string())});
        std::cout << task.to_string_view() << '.' << std::flush;
        results.send(std::move(task), zmq::send_flags::none);
    }
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
