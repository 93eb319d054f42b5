// Waiting for many sockets at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_completion_handler.hpp>
#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <ferry/detail/export.hpp>
#include <ferry/options.hpp>
#include <ferry/poll_events.hpp>

struct pollfd;  // <poll.h>

namespace ferry
{

class socket_base;

struct poll_result
{
    socket_base* socket;
    poll_events events;
    std::uint64_t tag;  ///< as given to add()
};

namespace detail
{

using poll_handler = asio::any_completion_handler<void(std::error_code, std::vector<poll_result>)>;

}  // namespace detail

/// Waits until one of several sockets is ready. Level-triggered, in the order of add().
///
/// Thread safety: one thread at a time. The sockets must outlive their place in the poller.
/// libzmq:        zmq_poll.
class FERRY_API poller
{
public:
    poller();
    ~poller();
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;

    /// Errors: errc::invalid_argument when the socket is in here already.
    void add(
        socket_base& socket, poll_events events = poll_events::readable, std::uint64_t tag = 0);
    /// Waits for other events from now on. Errors: errc::invalid_argument when it is not in here.
    void modify(socket_base& socket, poll_events events);
    void remove(socket_base& socket) noexcept;
    [[nodiscard]] std::size_t size() const noexcept;

    /// The sockets that are ready; empty after `timeout`. With no socket it just waits.
    ///
    /// Errors: errc::terminated, errc::closed (a socket's), errc::interrupted, errc::would_deadlock.
    [[nodiscard]] std::vector<poll_result> wait(std::chrono::milliseconds timeout = forever);
    [[nodiscard]] std::vector<poll_result> wait(
        std::chrono::milliseconds timeout, std::error_code& error);

    /// The same, for plain descriptors as well: until a socket is ready, or one of them, as poll(2) says. Sets their
    /// `revents`, in every case.
    ///
    /// Errors: as above, and the system's.
    /// libzmq: zmq_poll with `fd`.
    [[nodiscard]] std::vector<poll_result> wait(
        std::span<pollfd> descriptors, std::chrono::milliseconds timeout, std::error_code& error);

    /// The same without blocking and without a limit: the sockets that are ready, at least one.
    ///
    /// Completes:    on the handler's executor, by default that of the first socket's context; never inside this call.
    /// Errors:       errc::terminated, errc::closed, errc::invalid_argument (no socket is in here).
    /// Cancellation: terminal, partial and total. Nothing is consumed in any case.
    /// Lifetimes:    add(), modify() and remove() count from the next call on; the poller may go meanwhile.
    /// Signature:    void(std::error_code, std::vector<poll_result>)
    template <class Token = asio::default_completion_token_t<asio::any_io_executor>>
    auto async_wait(Token&& token = Token())
    {
        return asio::async_initiate<Token, void(std::error_code, std::vector<poll_result>)>(
            initiate_wait(*this), token);
    }

private:
    class initiate_wait
    {
    public:
        using executor_type = asio::any_io_executor;
        explicit initiate_wait(const poller& p) noexcept : poller_(p) {}
        [[nodiscard]] executor_type get_executor() const noexcept { return poller_.executor(); }
        template <class Handler>
        void operator()(Handler&& handler) const
        {
            poller_.start_wait(std::forward<Handler>(handler));
        }

    private:
        const poller& poller_;
    };
    [[nodiscard]] asio::any_io_executor executor() const noexcept;
    void start_wait(detail::poll_handler handler) const;

    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace ferry
