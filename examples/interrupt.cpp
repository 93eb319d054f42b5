// Leaving cleanly on Ctrl-C: a signal ends a blocked receive, whatever the handler does.
//
//     interrupt [endpoint]
#include <csignal>
#include <iostream>
#include <string>

#include <ferry/ferry.hpp>

namespace
{
volatile std::sig_atomic_t interrupted = 0;

extern "C" void on_interrupt(int)
{
    interrupted = 1;
}
}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5555";
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);

    ferry::context context;
    ferry::rep_socket server{context};
    std::cout << "listening on " << server.bind(endpoint) << ", press Ctrl-C to end" << std::endl;

    while (!interrupted)
    {
        std::error_code error;
        const ferry::message request = server.receive(error);
        if (error == ferry::errc::interrupted)
            continue;  // the loop's condition knows whether that was the end
        if (error)
            throw ferry::error(error, "receive");
        server.send("World");
    }
    std::cout << "interrupted; messages already sent are delivered, good-bye" << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
