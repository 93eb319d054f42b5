// A sink that tells Prometheus what its socket does: http://localhost:9464/metrics.
//
//     prometheus_exporter [endpoint] [port]
#include <cstdint>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>

#include <ferry/ferry.hpp>

namespace
{

/// One family of metrics after the other, in Prometheus' text format.
class metrics
{
public:
    void begin(std::string_view name, std::string_view type, std::string_view help)
    {
        name_ = name;
        text_ << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << type << '\n';
    }
    void add(std::uint64_t value) { text_ << name_ << ' ' << value << '\n'; }
    void add(std::string_view label, std::string_view label_value, std::uint64_t value)
    {
        text_ << name_ << '{' << label << "=\"" << label_value << "\"} " << value << '\n';
    }
    [[nodiscard]] std::string text() const { return text_.str(); }

private:
    std::string name_;
    std::ostringstream text_;
};

std::string describe(const ferry::socket_stats& all, const std::vector<ferry::peer_stats>& peers)
{
    metrics m;
    m.begin("ferry_messages_total", "counter", "Messages sent and received.");
    m.add("direction", "sent", all.traffic.messages_sent);
    m.add("direction", "received", all.traffic.messages_received);
    m.begin("ferry_bytes_total", "counter", "Bytes of these messages' frames.");
    m.add("direction", "sent", all.traffic.bytes_sent);
    m.add("direction", "received", all.traffic.bytes_received);
    m.begin("ferry_queued_messages", "gauge", "Messages that wait.");
    m.add("direction", "send", all.queued.to_send);
    m.add("direction", "receive", all.queued.to_receive);
    m.begin("ferry_dropped_messages_total", "counter", "Messages given up, and why.");
    for (std::size_t i = 0; i < ferry::drop_reason_count; ++i)
        m.add("reason", to_string(static_cast<ferry::drop_reason>(i)), all.drops[i]);
    m.begin("ferry_peers", "gauge", "Peers connected now.");
    m.add(all.peers);
    m.begin("ferry_connections_total", "counter", "Handshakes that succeeded.");
    m.add(all.connections);
    m.begin("ferry_handshake_failures_total", "counter", "Handshakes that failed, and why.");
    for (std::size_t i = 0; i < ferry::handshake_failure_count; ++i)
    {
        const auto why = static_cast<ferry::handshake_failure>(i);
        m.add("reason", to_string(why), all.failed(why));
    }
    m.begin("ferry_peer_received_messages_total", "counter", "Messages from each peer.");
    for (const ferry::peer_stats& each : peers)
        m.add("peer", each.peer_address, each.traffic.messages_received);
    return m.text();
}

/// Answers every request alike, one connection after the other.
void serve(asio::ip::tcp::acceptor& door, const ferry::socket_base& observed)
{
    for (;;)
    {
        asio::ip::tcp::socket client = door.accept();
        std::error_code gone;  // a client that leaves is no trouble
        std::string request;
        asio::read_until(client, asio::dynamic_buffer(request, 16'384), "\r\n\r\n", gone);
        const std::string body = describe(observed.stats(), observed.peers());
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                                 "Connection: close\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n";
        asio::write(client, asio::buffer(head + body), gone);
    }
}

}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5558";
    const int port = argc > 2 ? std::stoi(argv[2]) : 9464;

    ferry::context context;
    ferry::pull_socket sink{context};
    const std::string bound = sink.bind(endpoint);

    asio::io_context io;
    asio::ip::tcp::acceptor door(
        io, {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port)});
    std::cout << "listening on " << bound
              << ", metrics at http://127.0.0.1:" << door.local_endpoint().port() << "/metrics"
              << std::endl;
    std::thread([&] { serve(door, sink); }).detach();

    for (;;)
        (void)sink.receive();
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
