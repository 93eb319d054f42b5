// The three classic scenes inside one process: threads instead of programs, inproc instead of tcp.
// What is handed over is the message itself; no octet passes through the system.
#include <iostream>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <ferry/ferry.hpp>

namespace
{

void check(bool as_it_should_be, const char* what)
{
    if (!as_it_should_be)
        throw std::runtime_error(what);
}

void hello_world(ferry::context& context)
{
    ferry::req_socket client{context};
    client.connect("inproc://hello");  // before anybody is bound there: it waits
    const std::jthread serving([&context] {
        ferry::rep_socket server{context};
        server.bind("inproc://hello");
        for (int i = 0; i < 1000; ++i)
            server.send(server.receive().append("World"));
    });

    for (int i = 0; i < 1000; ++i)
    {
        const std::string hello = "Hello " + std::to_string(i);
        client.send(hello);
        check(client.receive() == ferry::message::of(hello, "World"), "a wrong answer");
    }
    std::cout << "hello world: 1000 questions, each got its own answer" << std::endl;
}

void weather(ferry::context& context)
{
    ferry::pub_socket publisher{context};
    publisher.bind("inproc://weather");
    ferry::sub_socket subscriber{context};
    subscriber.subscribe("10001 ");
    subscriber.connect("inproc://weather");
    publisher.wait_for_subscribers(1, "10001 ");

    for (int zip_code = 9900; zip_code < 10100; ++zip_code)
        publisher.send((zip_code < 10000 ? "0" : "") + std::to_string(zip_code) + " 68 40");
    publisher.send("10001 the end");

    check(subscriber.receive() == "10001 68 40", "not the subscribed zip code");
    check(subscriber.receive() == "10001 the end", "more than was subscribed");
    std::cout << "weather: 1 of 200 updates passed the filter" << std::endl;
}

void pipeline(ferry::context& context)
{
    ferry::push_socket ventilator{context};
    ventilator.bind("inproc://tasks");
    ferry::pull_socket sink{context};
    sink.bind("inproc://results");

    // A worker that left too early would change whose turn it is, and another might get two stops.
    std::latch all_told{1};
    std::vector<std::jthread> workers(4);
    for (std::jthread& worker : workers)
        worker = std::jthread([&context, &all_told] {
            ferry::pull_socket tasks{context};
            tasks.connect("inproc://tasks");
            ferry::push_socket results{context};
            results.connect("inproc://results");
            for (ferry::message task = tasks.receive(); task != "stop"; task = tasks.receive())
                results.send(std::move(task));
            all_told.wait();
        });
    ventilator.wait_for_peers(workers.size());

    for (int i = 1; i <= 1000; ++i)
        ventilator.send(std::to_string(i));
    int total = 0;
    for (int i = 1; i <= 1000; ++i)
        total += std::stoi(sink.receive().front().string());
    for (std::size_t i = 0; i < workers.size(); ++i)
        ventilator.send("stop");  // dealt in turn, so each worker gets one
    all_told.count_down();
    check(total == 500'500, "a result is missing, or came twice");
    std::cout << "pipeline: 1000 tasks through 4 workers, each result counted once" << std::endl;
}

}  // namespace

int main()
try
{
    ferry::context context;
    hello_world(context);
    weather(context);
    pipeline(context);
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
