// Where sockets live: the background threads, the inproc names, and the end of it all.
#pragma once

#include <memory>

#include <asio/any_io_executor.hpp>

#include <ferry/detail/export.hpp>
#include <ferry/options.hpp>

namespace ferry
{

namespace detail
{
class context_core;
}

/// A group of sockets, the threads that serve them, and a name space for inproc.
///
/// Thread safety: all members, from any thread.
/// libzmq:        zmq_ctx_new, zmq_ctx_term.
class FERRY_API context
{
public:
    /// Starts the background threads.
    ///
    /// Errors: errc::invalid_argument; std::system_error when no thread or descriptor can be had.
    explicit context(context_options options = {});

    /// Starts no thread: sessions, timers and handlers run on `executor`, whoever runs that: an
    /// io_context, a thread_pool, the system_executor, or a strand of these. (Asio starts a thread of its own to
    /// resolve a host name that is neither a literal nor "localhost".)
    ///
    /// Calls that would block answer errc::would_deadlock; try_... and async_... work. What is sent in
    /// one turn of the loop leaves in one write. Destructors do not wait: sockets that still
    /// have something to deliver keep the loop busy for their `linger` at most; async_close is the
    /// orderly way. When the loop itself is destroyed, everything is closed at once and handlers are
    /// destroyed without a call, as Asio does; likewise in the child of a fork, where
    /// notify_fork(fork_child) says so.
    ///
    /// No thread may be inside a socket while its loop is destroyed or forks. Of a strand: destroy sockets and
    /// context before the loop, since they hold the strand.
    ///
    /// `options`: max_sockets counts; io_threads and busy_poll do not.
    explicit context(const asio::any_io_executor& executor, context_options options = {});

    /// shutdown(), then waits until every socket has delivered what it still had to: each for its
    /// own `linger` at most. Sockets that still exist stay harmless: their calls answer
    /// errc::terminated. In a handler on Ferry's background thread, which cannot wait for itself,
    /// it returns at once, and the waiting is done behind it.
    ~context();

    context(const context&) = delete;
    context& operator=(const context&) = delete;

    /// Ends all blocked calls of all sockets, and all later ones, with errc::terminated.
    /// Closing sockets goes on as usual. Idempotent.
    ///
    /// libzmq: zmq_ctx_shutdown.
    void shutdown() noexcept;

    using executor_type = asio::any_io_executor;
    /// Where completion handlers run whose operations were told no other place: the executor that
    /// the context was given, or else Ferry's own background thread; never inside somebody's
    /// blocking call.
    [[nodiscard]] executor_type get_executor() const noexcept;

private:
    friend class socket_base;
    std::shared_ptr<detail::context_core> core_;
};

}  // namespace ferry
