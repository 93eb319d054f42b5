// A Jupyter client: runs code in a kernel that is there already, and shows what it prints and
// gives. Five sockets, as the protocol wants them; messages are JSON, signed with HMAC-SHA256.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html
//
//     jupyter_client connection-file [--shutdown] [code]...
#include <array>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <ferry/ferry.hpp>

namespace
{

using nlohmann::json;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

// Sockets whose operations are awaited where nothing else is said.
template <class Socket>
using awaited = asio::use_awaitable_t<>::as_default_on_t<Socket>;
using dealer = awaited<ferry::dealer_socket>;

constexpr const char* delimiter = "<IDS|MSG>";

struct jupyter_message
{
    std::string type;
    std::string parent;  // the id of the request that it belongs to
    json header;
    json content;
};

std::string random_id()
{
    std::random_device random;
    char text[17];
    std::snprintf(text, sizeof text, "%08x%08x", random(), random());
    return text;
}

std::string now()
{
    const std::time_t seconds = std::time(nullptr);
    char text[sizeof "2000-01-01T00:00:00Z"];
    std::strftime(text, sizeof text, "%FT%TZ", std::gmtime(&seconds));
    return text;
}

/// How messages are packed and unpacked: what the client and its kernel agree on.
class wire_format
{
public:
    explicit wire_format(const json& connection) : key_(connection.at("key")) {}

    [[nodiscard]] const std::string& session() const { return session_; }

    ferry::message pack(
        const std::string& id, const char* type, const json& content, const json& parent) const
    {
        const json header{{"msg_id", id}, {"msg_type", type}, {"session", session_},
            {"username", "ferry"}, {"date", now()}, {"version", "5.3"}};
        const std::array parts{header.dump(), parent.dump(), std::string("{}"), content.dump()};
        ferry::message m =
            ferry::message::of(delimiter, sign(parts[0] + parts[1] + parts[2] + parts[3]));
        for (const std::string& part : parts)
            m.append(part);
        return m;
    }

    jupyter_message unpack(ferry::message m) const
    {
        while (!m.empty() && m.front() != delimiter)  // iopub: a topic stands before it
            m.pop_front();
        if (m.size() < 6)
            throw std::runtime_error("a message that is not Jupyter's");
        if (m[1] != sign(m[2].string() + m[3].string() + m[4].string() + m[5].string()))
            throw std::runtime_error("a message with a wrong signature");
        jupyter_message got;
        got.header = json::parse(m[2].text());
        got.type = got.header.at("msg_type");
        got.parent = json::parse(m[3].text()).value("msg_id", "");
        got.content = json::parse(m[5].text());
        return got;
    }

private:
    std::string sign(const std::string& text) const
    {
        if (key_.empty())
            return {};
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned size = 0;
        HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
            reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
        std::string hex;
        for (unsigned i = 0; i < size; ++i)
            for (const unsigned digit : {digest[i] / 16U, digest[i] % 16U})
                hex += "0123456789abcdef"[digit];
        return hex;
    }

    std::string key_;
    std::string session_ = random_id();
};

class client
{
public:
    client(ferry::context& context, const json& connection) : context_(context), wire_(connection)
    {
        iopub_.subscribe("");
        const auto join = [&connection](auto& socket, const char* name) {
            const std::string transport = connection.at("transport");
            socket.connect(transport + "://" + connection.at("ip").get<std::string>() +
                (transport == "ipc" ? "-" : ":") + std::to_string(connection.at(name).get<int>()));
        };
        join(shell_, "shell_port");
        join(iopub_, "iopub_port");
        join(stdin_, "stdin_port");
        join(control_, "control_port");
        join(heartbeat_, "hb_port");
    }

    /// Until the kernel is there and its output is heard: what it publishes before our subscription
    /// has come there is lost.
    asio::awaitable<void> meet()
    {
        if (!co_await heart_beats(30s))
            throw std::runtime_error("the kernel does not answer");
        std::cout << "the kernel's heart beats" << std::endl;

        asio::steady_timer timer{context_.get_executor()};
        for (bool heard = false; !heard;)
        {
            const std::string id = co_await request(shell_, "kernel_info_request", json::object());
            timer.expires_after(500ms);
            heard =
                (co_await (show_output(id) || timer.async_wait(asio::use_awaitable))).index() == 0;
            const jupyter_message reply = co_await reply_to(id, shell_);
            if (heard)
                std::cout << reply.content.value("banner", "a kernel") << std::endl;
        }
    }

    /// False when the code ended with an exception.
    asio::awaitable<bool> run(std::string code)
    {
        const json content{{"code", code}, {"silent", false}, {"store_history", true},
            {"user_expressions", json::object()}, {"allow_stdin", true}, {"stop_on_error", false}};
        const std::string id = co_await request(shell_, "execute_request", content);
        const auto first = co_await (
            show_output(id) || heart_stops() || answer_questions() || interrupt_on_signal());
        if (first.index() == 1)
            throw std::runtime_error("the kernel has died");
        const jupyter_message reply = co_await reply_to(id, shell_);
        co_return reply.content.at("status") == "ok";
    }

    asio::awaitable<void> shut_down()
    {
        const json content{{"restart", false}};
        const std::string id = co_await request(control_, "shutdown_request", content);
        co_await reply_to(id, control_);
        std::cout << "the kernel has been shut down" << std::endl;
    }

private:
    asio::awaitable<bool> heart_beats(std::chrono::seconds patience)
    {
        asio::steady_timer timer{context_.get_executor(), patience};
        co_await heartbeat_.async_send("ping");
        const auto first =
            co_await (heartbeat_.async_receive() || timer.async_wait(asio::use_awaitable));
        co_return first.index() == 0;
    }

    asio::awaitable<void> heart_stops()
    {
        asio::steady_timer timer{context_.get_executor()};
        do
        {
            timer.expires_after(1s);
            co_await timer.async_wait(asio::use_awaitable);
        }
        while (co_await heart_beats(3s));
    }

    asio::awaitable<std::string> request(dealer& to, const char* type, const json& content)
    {
        std::string id = random_id();
        co_await to.async_send(wire_.pack(id, type, content, json::object()));
        co_return id;
    }

    asio::awaitable<jupyter_message> reply_to(std::string id, dealer& from)
    {
        for (;;)
            if (jupyter_message m = wire_.unpack(co_await from.async_receive()); m.parent == id)
                co_return m;
    }

    /// Of that request, until the kernel has done with it.
    asio::awaitable<void> show_output(std::string id)
    {
        for (;;)
        {
            const jupyter_message m = wire_.unpack(co_await iopub_.async_receive());
            if (m.parent != id)
                continue;
            if (m.type == "stream")
                std::cout << m.content.at("text").get<std::string>() << std::flush;
            else if (m.type == "execute_result" || m.type == "display_data")
                std::cout << m.content.at("data").value("text/plain", "") << std::endl;
            else if (m.type == "error")
                std::cout << m.content.at("ename").get<std::string>() << ": "
                          << m.content.at("evalue").get<std::string>() << std::endl;
            else if (m.type == "status" && m.content.at("execution_state") == "idle")
                co_return;
        }
    }

    /// The code may call input(): the kernel asks on the stdin socket, and waits.
    asio::awaitable<void> answer_questions()
    {
        for (;;)
        {
            const jupyter_message question = wire_.unpack(co_await stdin_.async_receive());
            std::cout << question.content.value("prompt", "") << std::flush;
            std::string line;
            std::getline(std::cin, line);
            const json content{{"value", line}};
            co_await stdin_.async_send(
                wire_.pack(random_id(), "input_reply", content, question.header));
        }
    }

    asio::awaitable<void> interrupt_on_signal()
    {
        asio::signal_set signals{context_.get_executor(), SIGINT};
        for (;;)
        {
            co_await signals.async_wait(asio::use_awaitable);
            co_await request(control_, "interrupt_request", json::object());
        }
    }

    ferry::context& context_;
    wire_format wire_;
    // The kernel asks on stdin the one that it knows by the same routing id on shell.
    dealer shell_{context_, {.linger = 0ms, .routing_id = wire_.session()}};
    dealer stdin_{context_, {.linger = 0ms, .routing_id = wire_.session()}};
    dealer control_{context_, {.linger = 0ms, .routing_id = wire_.session()}};
    awaited<ferry::sub_socket> iopub_{context_};
    // Asks again although an answer may be missing: one that it did not wait for, or none came.
    awaited<ferry::req_socket> heartbeat_{
        context_, {.linger = 0ms, .req_correlate = true, .req_relaxed = true}};
};

asio::awaitable<bool> converse(
    ferry::context& context, json connection, std::vector<std::string> codes, bool shut_down)
{
    client kernel{context, connection};
    co_await kernel.meet();
    bool well = true;
    for (const std::string& code : codes)
        well = co_await kernel.run(code) && well;
    if (shut_down)
        co_await kernel.shut_down();
    co_return well;
}

}  // namespace

int main(int argc, char** argv)
try
{
    if (argc < 2)
        throw std::runtime_error("usage: jupyter_client connection-file [--shutdown] [code]...");
    std::ifstream file{argv[1]};
    std::vector<std::string> codes(argv + 2, argv + argc);
    const bool shut_down = std::erase(codes, "--shutdown") > 0;

    asio::io_context io;
    ferry::context context{io.get_executor()};
    auto well = asio::co_spawn(
        io, converse(context, json::parse(file), std::move(codes), shut_down), asio::use_future);
    io.run();
    return well.get() ? 0 : 1;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
