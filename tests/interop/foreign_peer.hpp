// Conversations with a peer of another language in a process of its own: pyzmq/peer.py or
// jeromq/Peer.java, which take the same arguments and print the same lines.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <ferry/ferry.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

namespace ferry::test
{

using namespace std::chrono_literals;

/// How to start such a peer, or nothing where this machine has none.
using peer_command = std::optional<std::vector<std::string>>;

inline std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

inline peer_command pyzmq()
{
    std::string python = environment("FERRY_PYTHON");
    if (python.empty())
        python = "/usr/bin/python3";
    const std::string script =
        (std::filesystem::path(__FILE__).parent_path() / "pyzmq" / "peer.py").string();
    if (std::system((python + " -c 'import zmq' 2>/dev/null").c_str()) != 0)
        return std::nullopt;
    return {{python, script}};
}

inline peer_command jeromq(const char* classpath_variable)
{
    const std::string classpath = environment(classpath_variable);
    if (classpath.empty())
        return std::nullopt;
    return {{"java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classpath, "Peer"}};
}

/// Says that there is nobody to talk to; ctest counts the file as skipped by these words.
inline void skip(const std::string& who)
{
    std::cout << "skipped: no " << who << '\n';
    WARN("skipped: no " << who);
}

/// The i-th message of both scripts.
inline message foreign_body(int number)
{
    const auto size = static_cast<std::size_t>(number) * static_cast<std::size_t>(number) * 1000;
    return message::of("a" + std::to_string(number), "", std::string(size, 'x'));
}

/// What they print when they get it.
inline std::string foreign_line(int number)
{
    const int size = number * number * 1000;
    return "2:a" + std::to_string(number) + "|0:|" + std::to_string(size) + ":" +
        (size == 0 ? "" : "xxxxxxxxxx");
}

/// One conversation: the peer is of type `theirs`, and counts to five.
class foreign_conversation
{
public:
    static constexpr int count = 5;

    foreign_conversation(const std::vector<std::string>& command, socket_type theirs,
        bool ferry_binds, socket_options options = {})
        : theirs_(theirs), socket_(context_, ours(theirs), std::move(options))
    {
        socket_.set_linger(0ms);
        if (theirs == socket_type::pub)
            socket_.subscribe("a");
        const std::string any = "tcp://127.0.0.1:*";
        std::vector<std::string> arguments = command;
        arguments.emplace_back(to_string(theirs));
        arguments.emplace_back(ferry_binds ? "connect" : "bind");
        arguments.emplace_back(ferry_binds ? socket_.bind(any) : any);
        arguments.emplace_back(std::to_string(count));
        peer_.emplace(arguments);
        const std::string greeting = peer_->read_line(3 * patience);
        if (!greeting.starts_with("READY"))
            throw std::runtime_error("the peer said " + greeting);
        if (!ferry_binds)
            socket_.connect(greeting.substr(6));
    }

    void run()
    {
        if (theirs_ == socket_type::sub && !socket_.wait_for_subscribers(1, "a0", patience))
            throw silence("the other process does not subscribe");
        for (int number = 0; number < count; ++number)
            exchange(number);
        if (they_hear_last())  // the others wait to be ended
            CHECK(peer_->ended_well());
    }

    [[nodiscard]] ferry::socket& socket() { return socket_; }
    [[nodiscard]] child_process& peer() { return *peer_; }

private:
    static socket_type ours(socket_type theirs)
    {
        switch (theirs)
        {
        case socket_type::req: return socket_type::rep;
        case socket_type::rep: return socket_type::req;
        case socket_type::dealer: return socket_type::router;
        case socket_type::router: return socket_type::dealer;
        case socket_type::push: return socket_type::pull;
        case socket_type::pull: return socket_type::push;
        case socket_type::pub: return socket_type::sub;
        case socket_type::sub: return socket_type::pub;
        case socket_type::pair:
        case socket_type::xpub:
        case socket_type::xsub:
        case socket_type::stream: break;
        }
        throw std::invalid_argument("the scripts have no such peer");
    }

    [[nodiscard]] bool they_hear_last() const
    {
        return theirs_ == socket_type::req || theirs_ == socket_type::dealer ||
            theirs_ == socket_type::pull || theirs_ == socket_type::sub;
    }

    void exchange(int number)
    {
        if (theirs_ == socket_type::req || theirs_ == socket_type::dealer)
            answer(number);
        else if (theirs_ == socket_type::rep || theirs_ == socket_type::router)
            ask(number);
        else if (theirs_ == socket_type::push)
            expect(foreign_body(number));
        else if (theirs_ == socket_type::pub)
            listen();
        else
            tell(number);
    }

    void ask(int number)
    {
        send(foreign_body(number));
        expect(foreign_body(number));
    }

    void answer(int number)
    {
        message question = receive();
        const bool named = ours(theirs_) == socket_type::router;
        REQUIRE((question.slice(named ? 1 : 0) == foreign_body(number)));
        send(std::move(question));
        expect_line(foreign_line(number));
    }

    void tell(int number)
    {
        if (theirs_ == socket_type::sub)
            send(message::of("b", "unwanted"));
        send(foreign_body(number));
        expect_line(foreign_line(number));
    }

    void listen()
    {
        const message heard = receive();
        REQUIRE(heard.front().size() == 2);
        REQUIRE((heard == foreign_body(heard.front().text()[1] - '0')));
    }

    void send(message m)
    {
        if (!socket_.send_for(std::move(m), patience))
            throw silence("the other process does not connect");
    }

    message receive()
    {
        std::optional<message> m = socket_.receive_for(patience);
        if (!m)
            throw silence("the other process sends nothing");
        return std::move(*m);
    }

    void expect(const message& expected)
    {
        const message m = receive();
        REQUIRE((m == expected));
    }

    void expect_line(const std::string& expected)
    {
        const std::string line = peer_->read_line();
        REQUIRE(line == expected);
    }

    socket_type theirs_;
    context context_;
    ferry::socket socket_;
    std::optional<child_process> peer_;
};

/// All of them, with Ferry in either role. A peer may fall silent and be started anew so many times.
inline void check_every_conversation(
    const peer_command& command, const std::string& who, int forgiven_silences = 0)
{
    const socket_type theirs =
        GENERATE(socket_type::req, socket_type::rep, socket_type::dealer, socket_type::router,
            socket_type::push, socket_type::pull, socket_type::pub, socket_type::sub);
    const bool ferry_binds = GENERATE(true, false);
    if (!command)
        return skip(who);
    const std::string peer = who + "'s " + std::string(to_string(theirs));
    CAPTURE(peer, ferry_binds);
    for (;;)
    {
        try
        {
            return foreign_conversation(*command, theirs, ferry_binds).run();
        }
        catch (const silence& failure)
        {
            if (forgiven_silences-- == 0)
                throw;
            std::cout << peer << " fell silent (" << failure.what() << "): once more\n";
        }
    }
}

}  // namespace ferry::test
