// Parallel pipeline, the ventilator, on libzmq: the twin of ../ventilator.cpp. libzmq has no call
// that waits for peers, so it counts what the socket's monitor tells.
//
//     zmq_ventilator [endpoint] [sink] [workers] [tasks]
#include <iostream>
#include <random>
#include <string>

#include <zmq.hpp>

namespace
{
class handshake_counter : public zmq::monitor_t
{
public:
    std::size_t succeeded = 0;

private:
    void on_event_handshake_succeeded(const zmq_event_t&, const char*) override { ++succeeded; }
};
}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5557";
    const std::string sink_endpoint = argc > 2 ? argv[2] : "tcp://localhost:5558";
    const std::size_t workers = argc > 3 ? std::stoul(argv[3]) : 1;
    const int tasks = argc > 4 ? std::stoi(argv[4]) : 100;

    zmq::context_t context;
    zmq::socket_t sink{context, zmq::socket_type::push};
    sink.connect(sink_endpoint);
    zmq::socket_t ventilator{context, zmq::socket_type::push};
    handshake_counter connected;
    connected.init(ventilator, "inproc://ventilator-monitor", ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    ventilator.bind(endpoint);
    std::cout << "listening on " << ventilator.get(zmq::sockopt::last_endpoint) << std::endl;
    while (connected.succeeded < workers)
        connected.check_event(-1);

    sink.send(zmq::str_buffer("0"));  // the batch begins
    std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution milliseconds{1, 100};
    int total = 0;
    for (int i = 0; i < tasks; ++i)
    {
        const int workload = milliseconds(random);
        total += workload;
        ventilator.send(zmq::buffer(std::to_string(workload)));
    }
    std::cout << "sent " << tasks << " tasks, total workload " << total << " ms" << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
