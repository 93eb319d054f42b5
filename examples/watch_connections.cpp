// Watching connections: a log for whoever operates the program, a monitor for the program itself.
// A client's server goes away and comes back; both tell of it.
//
//     watch_connections [endpoint]
#include <chrono>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include <ferry/ferry.hpp>

namespace
{

void write_line(const ferry::log_record& record)
{
    if (record.level == ferry::log_level::debug)
        return;
    const std::string level = to_string(record.level);
    std::clog << level + ": " + record.text + '\n' << std::flush;
}

std::string describe(const ferry::monitor_event& event)
{
    std::string text = to_string(event.type);
    if (event.skipped_before != 0)
        text = std::to_string(event.skipped_before) + " events were not read in time; " + text;
    if (event.peer_type)  // handshake_succeeded
        text += ": a " + std::string(to_string(*event.peer_type)) + " at " + event.peer_address;
    if (event.error)
        text += ": " + event.error.message();
    if (event.type == ferry::monitor_event_type::retrying)
        text += ", again in " + std::to_string(event.delay.count()) + " ms";
    return text;
}

void wait_for(ferry::monitor& events, ferry::monitor_event_type wanted)
{
    while (const auto event = events.receive_for(std::chrono::seconds{10}))
    {
        std::cout << "event: " + describe(*event) + '\n' << std::flush;
        if (event->type == wanted)
            return;
    }
    throw std::runtime_error(std::string("no event: ") + to_string(wanted));
}

}  // namespace

int main(int argc, char** argv)
try
{
    using enum ferry::monitor_event_type;

    ferry::context context{{.log = write_line}};
    std::optional<ferry::router_socket> server(std::in_place, context);
    const std::string endpoint = server->bind(argc > 1 ? argv[1] : "tcp://127.0.0.1:*");

    ferry::dealer_socket client{context, {.routing_id = "alice"}};
    ferry::monitor events{client};  // before connect, or it misses the beginning
    client.connect(endpoint);
    wait_for(events, handshake_succeeded);

    server.reset();
    wait_for(events, retrying);

    server.emplace(context).bind(endpoint);
    wait_for(events, handshake_succeeded);
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
