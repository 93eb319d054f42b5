// What a context's log is told.

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>

#include <asio/io_context.hpp>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

/// Keeps what it is told. Outlives the context.
class kept_log
{
public:
    [[nodiscard]] log_function writer()
    {
        return [this](const log_record& record) {
            const std::lock_guard lock(mutex_);
            records_.push_back(record);
            changed_.notify_all();
        };
    }
    /// The first record with that in its text; it must come.
    log_record await(std::string_view part)
    {
        std::unique_lock lock(mutex_);
        auto found = records_.end();
        const bool came = changed_.wait_for(lock, patience, [&] {
            found = std::find_if(records_.begin(), records_.end(),
                [part](const log_record& r) { return contains(r.text, part); });
            return found != records_.end();
        });
        if (!came)
            throw std::runtime_error("nothing in the log says: " + std::string(part));
        return *found;
    }
    [[nodiscard]] std::size_t size()
    {
        const std::lock_guard lock(mutex_);
        return records_.size();
    }
    [[nodiscard]] std::ptrdiff_t how_many(std::string_view part)
    {
        const std::lock_guard lock(mutex_);
        return std::count_if(records_.begin(), records_.end(),
            [part](const log_record& r) { return contains(r.text, part); });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<log_record> records_;
};

}  // namespace

TEST_CASE("the log tells a connection's life in words, without any monitor")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    kept_log log;
    std::string endpoint;
    {
        context context{{.log = log.writer()}};
        pull_socket sink{context};
        push_socket sender{context};
        endpoint = join_over(transport, sink, sender);
        REQUIRE(sink.wait_for_peers(1, patience));
        REQUIRE(sender.wait_for_peers(1, patience));
    }
    const log_record listening = log.await("bind " + endpoint + ": listening");
    CHECK(listening.level == log_level::info);
    CHECK(listening.socket == socket_type::pull);
    CHECK(listening.endpoint == endpoint);
    CHECK_FALSE(listening.error);
    CHECK(log.await("connect " + endpoint + ": connecting").level == log_level::debug);
    CHECK(log.await("PULL is ready").socket == socket_type::push);
    CHECK(log.await("bind " + endpoint + ": no longer listening").level == log_level::info);
    log.await("connect " + endpoint + ": the connection");  // also after the sockets' close
}

TEST_CASE("the log says why an attempt failed, and when the next one comes")
{
    const place nowhere{"tcp"};
    kept_log log;
    context context{{.log = log.writer()}};
    push_socket sender{context};
    sender.connect(nowhere.endpoint(), {.reconnect_interval = 1ms, .reconnect_interval_max = 1ms});
    const log_record record = log.await("next attempt");
    CHECK(record.text ==
        "connect " + nowhere.endpoint() + ": connection refused; next attempt in 1 ms");
    CHECK(record.level == log_level::warning);
    CHECK(record.error == std::errc::connection_refused);
    CHECK(record.socket == socket_type::push);
}

TEST_CASE("a log may use the sockets it is told about")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    std::mutex mutex;  // of these two
    push_socket* watched = nullptr;
    int looked = 0;
    const auto look = [&](const log_record&) {
        const std::lock_guard lock(mutex);
        if (watched == nullptr)
            return;
        (void)watched->dropped_messages();  // takes the socket's lock
        (void)watched->bound_endpoints();
        ++looked;
    };
    const auto watch = [&](push_socket* socket) {
        const std::lock_guard lock(mutex);
        watched = socket;
    };
    context context{{.log = look}};
    pull_socket sink{context};
    push_socket sender{context};
    watch(&sender);
    const std::string endpoint = join_over(transport, sink, sender);
    REQUIRE(sink.wait_for_peers(1, patience));
    sender.send("hello");
    CHECK(take(sink) == "hello");
    sender.disconnect(endpoint);
    sink.unbind(endpoint);
    watch(nullptr);
    CHECK(looked > 4);
}

TEST_CASE("a log that throws disturbs nobody")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context{{.log = [](const log_record&) { throw std::runtime_error("disk full"); }}};
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);
    sender.send("hello");
    CHECK(take(sink) == "hello");
}

TEST_CASE("a context without a log writes none")
{
    kept_log log;
    context with{{.log = log.writer()}};
    context without;
    pull_socket silent{without};
    silent.bind(anywhere("inproc"));
    CHECK(log.size() == 0);
}

TEST_CASE("on the program's own loop the log is told too, but nothing of that loop's destruction")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    kept_log log;
    auto io = std::make_unique<asio::io_context>();
    context context{io->get_executor(), {.log = log.writer()}};
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);
    while (log.how_many("is ready") < 2)
        must(io->run_one_for(patience) != 0, "the loop has nothing to do");
    const std::size_t before = log.size();
    io.reset();
    CHECK(log.size() == before);
}
