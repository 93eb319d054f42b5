// What the tests of the public face share: bounded waits, and sockets joined over any transport.
#pragma once

#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <ferry/ferry.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/places.hpp"

namespace ferry::test
{

using namespace std::chrono_literals;

/// One pass per transport.
#define FERRY_EVERY_TRANSPORT() GENERATE(as<std::string>{}, "tcp", "ipc", "inproc")
/// One pass per transport that has connections.
#define FERRY_EVERY_NETWORK() GENERATE(as<std::string>{}, "tcp", "ipc")

/// A check for background calls, where Catch2 cannot check: throws, and finish() throws it on.
inline void must(bool condition, const char* what)
{
    if (!condition)
        throw std::runtime_error(what);
}

/// The next message; it must come.
template <class Socket>
[[nodiscard]] message take(Socket& socket)
{
    std::optional<message> m = socket.receive_for(patience);
    if (!m)
        throw std::runtime_error("no message came");
    return std::move(*m);
}

/// As an argument of send: the message is looked at again afterwards, since a refused one stays.
[[nodiscard]] inline message&& offered(message& m)
{
    return static_cast<message&&>(m);
}

/// Sends; there must be room soon.
template <class Socket>
void give(Socket& socket, message m)
{
    if (!socket.send_for(std::move(m), patience))
        throw std::runtime_error("no room to send");
}

/// Binds one, connects the other. Returns the endpoint.
template <class Bound, class Connected>
std::string join_over(std::string_view transport, Bound& bound, Connected& connected)
{
    std::string endpoint = bound.bind(anywhere(transport));
    connected.connect(endpoint);
    return endpoint;
}

/// The error code of a call that throws ferry::error; empty when it does not throw.
template <class Call>
[[nodiscard]] std::error_code error_of(Call&& call)
{
    try
    {
        call();
    }
    catch (const error& failure)
    {
        return failure.code();
    }
    return {};
}

/// What such a call's error says.
template <class Call>
[[nodiscard]] std::string text_of(Call&& call)
{
    try
    {
        call();
    }
    catch (const error& failure)
    {
        return failure.what();
    }
    return "nothing was thrown";
}

inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != text.npos;
}

/// A call in a thread of its own, whose end is awaited with patience.
class background_call
{
public:
    template <class Call>
    explicit background_call(Call call)
    {
        std::packaged_task<void()> task(std::move(call));
        done_ = task.get_future();
        thread_ = std::thread(std::move(task));
    }
    background_call(background_call&&) = default;
    background_call& operator=(background_call&&) = delete;
    ~background_call()
    {
        if (thread_.joinable())
            thread_.join();
    }

    [[nodiscard]] std::thread::native_handle_type handle() { return thread_.native_handle(); }
    [[nodiscard]] bool ended(std::chrono::milliseconds within = patience) const
    {
        return done_.wait_for(within) == std::future_status::ready;
    }
    /// Waits, and throws what the call threw.
    void finish()
    {
        if (!ended())
            throw std::runtime_error("the call did not end");
        done_.get();
    }

private:
    std::future<void> done_;
    std::thread thread_;
};

/// The next event of that type; others are passed over.
inline monitor_event await_event(monitor& events, monitor_event_type type)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline)
    {
        std::optional<monitor_event> event = events.receive_for(patience);
        if (!event)
            break;
        if (event->type == type)
            return std::move(*event);
    }
    throw std::runtime_error(std::string("no event: ") + to_string(type));
}

}  // namespace ferry::test
