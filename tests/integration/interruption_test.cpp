// Signals: a handler that ran in the calling thread ends its wait with errc::interrupted.

#include <array>
#include <atomic>
#include <csignal>

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

std::atomic<int> handled{0};

extern "C" void count_signal(int)
{
    ++handled;
}

// A handler for SIGUSR1, gone with its owner.
class signal_handler
{
public:
    explicit signal_handler(int flags)
    {
        struct sigaction action = {};
        action.sa_handler = count_signal;
        action.sa_flags = flags;
        ::sigaction(SIGUSR1, &action, &before_);
    }
    signal_handler(const signal_handler&) = delete;
    signal_handler& operator=(const signal_handler&) = delete;
    ~signal_handler() { ::sigaction(SIGUSR1, &before_, nullptr); }

private:
    struct sigaction before_ = {};
};

// Signals the thread again and again, since nobody can see when it has begun to wait.
void interrupt(background_call& call)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!call.ended(5ms) && std::chrono::steady_clock::now() < deadline)
        ::pthread_kill(call.handle(), SIGUSR1);
    call.finish();
}

struct waiting_call
{
    const char* name;
    std::function<void(context&)> run;
};

std::vector<waiting_call> receiving_calls()
{
    return {
        {"receive, bound",
            [](context& c) {
                rep_socket s{c};
                s.bind(anywhere("tcp"));
                (void)s.receive();
            }},
        {"receive, connected",
            [](context& c) {
                rep_socket server{c};
                dealer_socket s{c};
                join_over("tcp", server, s);
                s.wait_for_peers(1, patience);
                (void)s.receive();
            }},
        {"receive, connecting in vain",
            [](context& c) {
                const place nowhere{"tcp"};
                pull_socket s{c};
                s.connect(nowhere.endpoint());
                (void)s.receive();
            }},
        {"receive, inproc",
            [](context& c) {
                pull_socket s{c};
                s.bind(anywhere("inproc"));
                (void)s.receive();
            }},
        {"receive_for", [](context& c) { (void)pull_socket{c}.receive_for(patience); }},
    };
}

void wait_for_a_pipe(socket_base* socket)
{
    std::array<int, 2> ends{};
    must(::pipe(ends.data()) == 0, "no pipe");
    pollfd item{ends[0], POLLIN, 0};
    poller p;
    if (socket != nullptr)
        p.add(*socket);
    std::error_code code;
    (void)p.wait({&item, 1}, patience, code);
    ::close(ends[0]);
    ::close(ends[1]);
    if (code)
        throw error(code, "poller");
}

std::vector<waiting_call> other_calls()
{
    return {
        {"send", [](context& c) { push_socket{c}.send("to nobody"); }},
        {"send_for", [](context& c) { (void)push_socket{c}.send_for("to nobody", patience); }},
        {"wait_for_peers", [](context& c) { pull_socket{c}.wait_for_peers(); }},
        {"wait_for_subscribers", [](context& c) { pub_socket{c}.wait_for_subscribers(); }},
        {"wait_for_room", [](context& c) { push_socket{c}.wait_for_room("to nobody"); }},
        {"poller, one socket",
            [](context& c) {
                pull_socket s{c};
                s.bind(anywhere("tcp"));
                poller p;
                p.add(s);
                (void)p.wait();
            }},
        {"poller, no socket", [](context&) { (void)poller{}.wait(patience); }},
        {"poller, descriptors", [](context&) { wait_for_a_pipe({}); }},
        {"poller, a socket and descriptors",
            [](context& c) {
                pull_socket s{c};
                s.bind(anywhere("tcp"));
                wait_for_a_pipe(&s);
            }},
        {"monitor",
            [](context& c) {
                pull_socket s{c};
                (void)monitor{s}.receive_for(patience);
            }},
        {"proxy",
            [](context& c) {
                router_socket front{c};
                dealer_socket back{c};
                front.bind(anywhere("tcp"));
                back.bind(anywhere("tcp"));
                if (const std::error_code error = proxy(front, back))
                    throw ferry::error(error, "proxy");
            }},
    };
}

}  // namespace

TEST_CASE("a signal handler that ran in a waiting thread ends the wait with errc::interrupted")
{
    const waiting_call call = GENERATE(from_range(receiving_calls()), from_range(other_calls()));
    const int flags = GENERATE(0, SA_RESTART);
    CAPTURE(call.name, flags);
    const signal_handler handler(flags);
    context context;
    std::error_code code;
    background_call waiting([&] { code = error_of([&] { call.run(context); }); });
    interrupt(waiting);
    CHECK(code == errc::interrupted);
}

TEST_CASE("after an interruption the socket goes on as before")
{
    const signal_handler handler(0);
    context context;
    rep_socket server{context};
    req_socket client{context};
    join_over("tcp", server, client);
    std::error_code code;
    background_call waiting([&] { (void)server.receive(code); });
    interrupt(waiting);
    CHECK(code == errc::interrupted);

    client.send("question");
    CHECK(take(server) == "question");
    background_call asking([&] { (void)client.receive(code); });
    interrupt(asking);
    CHECK(code == errc::interrupted);
    server.send("answer");
    CHECK(take(client) == "answer");
}

TEST_CASE("a signal in one thread does not disturb a wait in another")
{
    const signal_handler handler(0);
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over("tcp", sink, sender);
    background_call waiting([&] { must(sink.receive() == "undisturbed", "disturbed"); });

    const int before = handled;
    for (int i = 0; i < 100; ++i)
        ::pthread_kill(::pthread_self(), SIGUSR1);
    CHECK(handled == before + 100);
    CHECK_FALSE(waiting.ended(20ms));
    sender.send("undisturbed");
    waiting.finish();
}

TEST_CASE("a handler that runs while the waiting thread serves another socket ends the wait, too")
{
    const signal_handler handler(0);
    context context;
    ferry::context elsewhere;
    pull_socket silent{context};
    silent.bind(anywhere("tcp"));
    push_socket busy{context, {.send_hwm = 2, .linger = 0ms}};
    pull_socket sink{elsewhere};
    join_over("tcp", sink, busy);
    std::atomic<bool> is_over{false};
    background_call reading([&] {
        while (!is_over)
            (void)sink.receive_for(5ms);
    });
    std::error_code code;
    background_call waiting([&] { (void)silent.receive_for(patience, code); });

    // Whoever has written the last of a message's octets destroys it: sooner or later the waiting thread, in
    // the middle of its work.
    const pthread_t waiter = waiting.handle();
    const int before = handled;
    std::vector<std::byte> memory(std::size_t{8} << 20);
    const auto signal_if_waiting = [waiter](void*, std::size_t) {
        if (::pthread_equal(::pthread_self(), waiter) != 0)
            ::pthread_kill(waiter, SIGUSR1);
    };
    while (!waiting.ended(1ms))
        (void)busy.try_send(message::adopt(memory, signal_if_waiting));
    waiting.finish();
    is_over = true;
    reading.finish();
    busy.close();
    CHECK(handled > before);
    CHECK(code == errc::interrupted);
}

TEST_CASE("signals that arrive all the time hinder no transfer")
{
    const signal_handler handler(0);
    constexpr int count = 20'000;
    context context;
    pull_socket sink{context};
    push_socket sender{context, {.send_timeout = patience}};
    join_over("tcp", sink, sender);
    background_call sending([&] {
        for (int i = 0; i < count; ++i)
            for (std::error_code error = errc::interrupted; error == errc::interrupted;)
                sender.send(std::to_string(i), error);
    });
    int next = 0;
    while (next < count)
    {
        if (next % 100 == 0)
            ::pthread_kill(sending.handle(), SIGUSR1);
        std::error_code error;
        const std::optional<message> m = sink.receive_for(patience, error);
        if (error == errc::interrupted)
            continue;
        REQUIRE(m);
        REQUIRE(*m == message(std::to_string(next++)));
    }
    sending.finish();
}
