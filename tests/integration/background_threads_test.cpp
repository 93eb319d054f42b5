// What a context is told about its background threads, and a bind or connect about which may serve it.

#include <fstream>
#include <thread>

#if defined(__linux__)
#include <filesystem>
#endif

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("what a context is told about its threads is checked")
{
    const auto refusal = [](context_options options) {
        return error_of([&] { const context refused{std::move(options)}; });
    };
    CHECK(refusal({.thread_policy = -2}) == errc::invalid_argument);
    CHECK(refusal({.thread_priority = -2}) == errc::invalid_argument);
    CHECK(refusal({.thread_processors = {0, -1}}) == errc::invalid_argument);
    CHECK_FALSE(refusal({.thread_policy = 99, .thread_priority = 5}));  // for the system to refuse
    CHECK_FALSE(refusal({.thread_processors = {1'000'000}}));
    CHECK_FALSE(refusal({.thread_name = ""}));
}

TEST_CASE("a connection lives on one of the threads it was told")
{
    context context{{.io_threads = 2}};
    pull_socket sink{context};
    push_socket sender{context};
    const std::uint64_t mask = GENERATE(0, 1, 2, 3, 7);
    CAPTURE(mask);
    const std::string endpoint = sink.bind(anywhere("tcp"), {.io_thread_mask = mask});
    sender.connect(endpoint, {.io_thread_mask = mask});
    sender.send("x");
    CHECK(take(sink) == "x");
}

TEST_CASE("a thread that is not there serves nobody")
{
    context context{{.io_threads = 2}};
    pull_socket socket{context};
    const endpoint_options third{.io_thread_mask = 4};
    CHECK(error_of([&] { socket.bind(anywhere("tcp"), third); }) == errc::invalid_argument);
    CHECK(error_of([&] { socket.connect("tcp://127.0.0.1:1", third); }) == errc::invalid_argument);
    CHECK_FALSE(error_of([&] { socket.bind(anywhere("inproc"), third); }));
}

#if defined(__linux__)

namespace
{

bool is_there(const std::string& name)
{
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task"))
    {
        std::ifstream comm(task.path() / "comm");
        std::string called;
        if (std::getline(comm, called) && called == name)
            return true;
    }
    return false;
}

bool comes(const std::string& name)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_there(name) && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    return is_there(name);
}

}  // namespace

TEST_CASE("background threads are called as the context says")
{
    const context by_default;
    CHECK(comes("ferry/IO/0"));
    const context named{{.io_threads = 2, .thread_name = "feed"}};
    CHECK(comes("feed/IO/0"));
    CHECK(comes("feed/IO/1"));
    const context long_named{{.thread_name = "much-too-long-a-name"}};
    CHECK(comes("much-too-long-a"));
}

#endif
