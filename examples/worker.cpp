// Parallel pipeline, a worker: takes a task, works for as many milliseconds as the task says, and
// hands the result (the same number) to the sink. Start as many as you like.
//
//     worker [ventilator] [sink]
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include <ferry/ferry.hpp>

int main(int argc, char** argv)
try
{
    const std::string ventilator_endpoint = argc > 1 ? argv[1] : "tcp://localhost:5557";
    const std::string sink_endpoint = argc > 2 ? argv[2] : "tcp://localhost:5558";

    ferry::context context;
    ferry::pull_socket tasks{context};
    tasks.connect(ventilator_endpoint);
    ferry::push_socket results{context};
    results.connect(sink_endpoint);
    std::cout << "ready" << std::endl;

    for (;;)
    {
        ferry::message task = tasks.receive();
        std::this_thread::sleep_for(std::chrono::milliseconds{std::stoi(task.front().string())});
        std::cout << task.front().text() << '.' << std::flush;
        results.send(std::move(task));
    }
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
