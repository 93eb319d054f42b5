// Where and when a context may end: in a handler of its own, and while others begin operations.

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <ferry/ferry.hpp>

#include "tests/support/catch.hpp"

using namespace ferry;
using namespace std::chrono_literals;

namespace
{

constexpr auto patience = 10s;

/// As programs on Asio are written: a context and its sockets that live as long as their last handler.
struct conversation : std::enable_shared_from_this<conversation>
{
    explicit conversation(const std::string& endpoint, std::promise<void>& gone) : gone(gone)
    {
        pair.connect(endpoint);
    }
    ~conversation() { gone.set_value(); }

    void converse()
    {
        pair.async_receive([self = shared_from_this()](std::error_code error, const message&) {
            CHECK_FALSE(error);
            CHECK(self->pair.try_send("farewell"));
        });
    }

    std::promise<void>& gone;
    context ctx;
    pair_socket pair{ctx};
};

}  // namespace

TEST_CASE("a context may end in a handler on its own thread, and what was sent is delivered")
{
    context ctx;
    pair_socket pair{ctx};
    std::promise<void> gone;
    std::make_shared<conversation>(pair.bind("tcp://127.0.0.1:*"), gone)->converse();
    pair.send("hello");
    REQUIRE(gone.get_future().wait_for(patience) == std::future_status::ready);
    const auto farewell = pair.receive_for(patience);
    REQUIRE(farewell);
    CHECK(farewell->front().text() == "farewell");
}

TEST_CASE("every operation that is begun while its context ends is completed")
{
    constexpr int rounds = 200;
    std::atomic<int> begun{0};
    std::atomic<int> completed{0};
    for (int i = 0; i < rounds; ++i)
    {
        auto ctx = std::make_unique<context>();
        pull_socket pull{*ctx};
        std::atomic<bool> ends{false};
        std::thread other([&] {
            for (int after = 0; after < 20; after += ends)
            {
                ++begun;
                pull.async_receive([&](std::error_code error, const message&) {
                    completed += error == errc::terminated || error == errc::closed;
                });
            }
        });
        ends = true;
        ctx.reset();
        other.join();
    }
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (completed != begun && std::chrono::steady_clock::now() < limit)
        std::this_thread::sleep_for(1ms);
    CHECK(completed == begun);
}
