// One socket: its pattern, its pipes, its waiters, behind one short lock.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

#include <ferry/monitor.hpp>
#include <ferry/options.hpp>
#include <ferry/poll_events.hpp>
#include <ferry/stats.hpp>

#include "engine/biased_lock.hpp"
#include "engine/connection_record.hpp"
#include "engine/link.hpp"
#include "engine/monitor_queue.hpp"
#include "engine/thread_signal.hpp"
#include "engine/waiter.hpp"
#include "patterns/pattern.hpp"
#include "patterns/pipe.hpp"
#include "protocol/events.hpp"
#include "transports/registry.hpp"

namespace ferry::detail
{

class context_core;
class inproc_link;
class io_loop;
struct session_end;

/// What a link knows when it asks for a pipe.
struct pipe_request
{
    patterns::attachment how;
    std::size_t send_hwm = 0;
    std::size_t receive_hwm = 0;
    bool conflate = false;
    const void* origin = nullptr;  ///< the acceptor, dialer or inproc link it belongs to
};

/// The monitor that is the socket. Its mutex is held for work in memory only: never across a
/// system call, another socket's lock, or code of the user's. Every member may be called from any
/// thread, and the links call it from their loops.
class socket_core final : public patterns::pipe_owner,
                          public std::enable_shared_from_this<socket_core>
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using milliseconds = std::chrono::milliseconds;
    static constexpr time_point do_not_wait = time_point::min();
    static constexpr time_point no_limit = time_point::max();

    socket_core(std::shared_ptr<context_core> context, socket_type type, socket_options options);
    ~socket_core();

    [[nodiscard]] socket_type type() const noexcept { return type_; }
    [[nodiscard]] const std::shared_ptr<context_core>& context() const noexcept { return context_; }
    [[nodiscard]] socket_options options() const;
    /// What counts for who connects to that inproc name.
    [[nodiscard]] socket_options options_of_name(const std::string& name) const;
    [[nodiscard]] milliseconds send_timeout() const noexcept
    {
        return milliseconds{send_timeout_.load(std::memory_order_relaxed)};
    }
    [[nodiscard]] milliseconds receive_timeout() const noexcept
    {
        return milliseconds{receive_timeout_.load(std::memory_order_relaxed)};
    }

    // --- messages (socket_core.cpp) --------------------------------------------------------
    /// True when it is done, at once and without trouble; the usual case, in few steps. Else
    /// nothing was done, and send() or receive() finds out why.
    [[nodiscard]] bool send_now(message& m);
    static constexpr std::size_t largest_octets =
        2048;  // larger bodies are copied without the lock
    [[nodiscard]] bool send_octets_now(std::span<const std::byte> body);
    [[nodiscard]] bool receive_now(message& m);
    /// Takes `m` on success only. operation_would_block with do_not_wait, else errc::timed_out.
    [[nodiscard]] std::error_code send(message& m, time_point limit);
    [[nodiscard]] std::error_code receive(message& m, time_point limit);
    /// After send() of a message with a frame of this many octets: see io_loop::pace.
    static constexpr std::size_t paced_size = std::size_t{32} * 1024;
    void pace(std::size_t octets) noexcept;
    /// Waits for anything else a waiter may want.
    [[nodiscard]] std::error_code wait_for(
        waiter::want what, std::size_t count, std::string_view topic, time_point limit);
    [[nodiscard]] std::error_code subscribe(std::string_view topic);
    [[nodiscard]] std::error_code unsubscribe(std::string_view topic);

    /// True when the operation is over at once (complete() is not called); else it waits. Of a
    /// deferred one: true when its step may come at once.
    [[nodiscard]] bool start(waiter& w);
    /// True when it was still waiting and waits no longer; false: complete() is or was called.
    [[nodiscard]] bool withdraw(waiter& w);

    // --- waiters that take effect in a step of their own (deferred_waiters.cpp) --------------
    /// The waiter's own try, after complete() or a start() that said so. True when it is over; else it
    /// waits on.
    [[nodiscard]] bool take_step(waiter& w);
    enum class withdrawal : std::uint8_t
    {
        too_late,        ///< it was over
        step_is_coming,  ///< it waits no longer, and complete() is or will be called
        done,            ///< it waits no longer
    };
    [[nodiscard]] withdrawal withdraw_deferred(waiter& w);
    /// Whether an operation would go through now: none, operation_would_block, or why never.
    [[nodiscard]] std::error_code look(waiter::want what);
    [[nodiscard]] poll_events ready(std::error_code& error);
    /// As look(want::send), if a message begins like that.
    [[nodiscard]] std::error_code look_for_room(std::string_view first_frame);
    /// The loop that a thread may drive while it waits for this socket; null if there is none, or
    /// more than one.
    [[nodiscard]] io_loop* loop_to_drive() const noexcept
    {
        return loop_to_drive_.load(std::memory_order_relaxed);
    }

    // --- endpoints (socket_endpoints.cpp) ----------------------------------------------------
    [[nodiscard]] transports::failure bind(
        std::string_view endpoint, const endpoint_options& options, std::string& bound);
    [[nodiscard]] transports::failure connect(
        std::string_view endpoint, const endpoint_options& options);
    [[nodiscard]] std::error_code unbind(std::string_view endpoint);
    [[nodiscard]] std::error_code disconnect(std::string_view endpoint);
    [[nodiscard]] std::vector<std::string> bound_endpoints() const;
    [[nodiscard]] std::string last_connect_routing_id() const;

    // --- the end (socket_close.cpp) ----------------------------------------------------------
    /// Closes for users; links go on delivering. Idempotent.
    void begin_close() noexcept;
    /// After begin_close(): waits until all links have ended. Returns the messages given up.
    std::size_t wait_until_closed();
    /// The context ends: every wait, now and later, answers errc::terminated.
    void terminate() noexcept;
    /// Its loop runs nothing any more (link::abandon()): closes everything, and drops who waits.
    void abandon() noexcept;

    // --- options -----------------------------------------------------------------------------
    /// Applies a change to the options, and lets the pattern know.
    template <class Change>
    void change(Change&& apply)
    {
        const section locked(*this);
        apply(options_);
        options_changed();
    }
    void set_send_hwm(std::size_t messages);
    void set_receive_hwm(std::size_t messages);

    // --- looking in ----------------------------------------------------------------------------
    [[nodiscard]] std::size_t peer_count() const noexcept
    {
        return connected_peers_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t dropped_messages() const;
    [[nodiscard]] socket_stats stats();  // this and the next three: socket_stats.cpp
    [[nodiscard]] std::vector<peer_stats> peers();
    /// False when it is not there.
    [[nodiscard]] bool disconnect(peer_id connection, std::error_code& error);
    void count_failure(handshake_failure why) noexcept;
    void add_monitor(const std::shared_ptr<monitor_queue>& queue);
    /// Tells the monitors, and the context's log. With no lock held: the log is the user's code.
    void emit(const monitor_event& event);

    // --- for the links (socket_peers.cpp) ------------------------------------------------------
    /// False when the socket is closed: the link must not start.
    [[nodiscard]] bool add_link(const std::shared_ptr<link>& l, const void* origin);
    void link_ended(const link& l, std::size_t given_up) noexcept;
    /// A pipe for one peer: `a` is the socket's end, `b` the link's. Empty when the socket is
    /// closed, and with a's end closed when the pattern refused it.
    [[nodiscard]] patterns::pipe_pair attach(const pipe_request& request);
    /// Takes in a pipe that somebody else made: inproc.
    [[nodiscard]] bool attach_existing(const std::shared_ptr<patterns::pipe_end>& end,
        const patterns::attachment& how, const void* origin,
        std::shared_ptr<inproc_link> inproc = {});
    /// The handshake is done. The connection's generation, or empty when the peer is not wanted
    /// any more.
    [[nodiscard]] std::optional<std::uint8_t> connected(patterns::pipe_end& end,
        const patterns::peer_info& peer, peer_handle properties,
        const std::shared_ptr<connection_record>& record);
    void disconnected(patterns::pipe_end& end) noexcept;
    /// A session has ended; `record` is null if it never was ready. (socket_stats.cpp)
    void session_ended(const connection_record* record, const session_end& how) noexcept;
    /// Whether that link is to end, by the user's wish. If not, and its pipe is closed, then the
    /// pattern refused the peer.
    [[nodiscard]] bool is_finishing(const link& l) const;
    /// How long what was sent to a peer may still take after a STREAM let that peer go.
    [[nodiscard]] milliseconds farewell() const;
    void count_drops(patterns::drop_reason why, std::size_t messages,
        patterns::pipe_end* peer = nullptr) noexcept;
    /// Whether the socket has been closed by its user.
    [[nodiscard]] bool is_closing() const noexcept
    {
        return closing_.load(std::memory_order_acquire);
    }

    void on_readable(patterns::pipe_end& end) noexcept override;
    void on_writable(patterns::pipe_end& end) noexcept override;
    void on_peer_closed(patterns::pipe_end& end) noexcept override;
    void finish_writing(patterns::pipe_end& end) noexcept override;

private:
    struct peer
    {
        std::shared_ptr<patterns::pipe_end> end;
        const void* origin = nullptr;
        std::shared_ptr<inproc_link> inproc;            // adds up the marks of both sockets
        std::shared_ptr<connection_record> connection;  // the last one
        bool connected = false;
        bool closed = false;  // the pattern was told that the other end is closed
    };
    enum class endpoint_kind : std::uint8_t
    {
        bound,
        connected,
        inproc_bound,
        inproc_connected,
    };
    struct endpoint_record
    {
        endpoint_kind kind;
        std::string given;
        std::string bound;  // wildcards resolved
        const void* origin = nullptr;
        std::shared_ptr<link> via;
        std::shared_ptr<inproc_link> inproc;
        endpoint_options overrides{};  // inproc_bound: they count when somebody connects
    };
    struct link_record
    {
        std::shared_ptr<link> via;
        const void* origin;
        bool finishing = false;  // it was told to, or will be in a moment
    };
    // What remains to be done without the lock.
    struct aftermath
    {
        patterns::wake_list wakes;
        std::vector<message> discarded;
        std::vector<waiter*> completed;
        void run() noexcept;
    };
    /// Holds the lock; on leaving, lets it go and does what must be done without it.
    class section
    {
    public:
        explicit section(socket_core& core) : core_(core), lock_(core.mutex_) {}
        ~section()
        {
            if (!core_.effects_.wakes.empty() || !core_.effects_.discarded.empty() ||
                !core_.completed_.empty())
                run_aftermath();
        }
        section(const section&) = delete;
        section& operator=(const section&) = delete;

    private:
        void run_aftermath() noexcept;

        socket_core& core_;
        std::unique_lock<biased_lock> lock_;
    };

    [[nodiscard]] bool add_endpoint(endpoint_record record);
    [[nodiscard]] std::error_code refusal() const noexcept;
    template <waiter::want What>
    [[nodiscard]] std::error_code transfer(message& m, time_point limit);
    template <waiter::want What>
    [[nodiscard]] bool try_transfer(message& m, std::error_code& error);
    [[nodiscard]] bool attempt(waiter& w);
    [[nodiscard]] bool start_deferred(waiter& w);
    [[nodiscard]] bool is_due(waiter& w);
    [[nodiscard]] bool call_for_step(waiter_queue& queue, waiter& w);
    [[nodiscard]] std::error_code wait(waiter::want what, message* body, std::size_t count,
        std::string_view topic, time_point limit);
    void serve()
    {
        if (waiting_ != 0)
            serve_waiters();
    }
    void serve_waiters();
    void serve_in_order(waiter_queue& queue, bool& progress);
    void serve_all_ready(waiter_queue& queue);
    void finish_waiter(waiter_queue& queue, waiter& w, std::error_code error);
    void fail_all_waiters(std::error_code error);
    void take_from_queue(waiter_queue& queue, waiter& w) noexcept;
    void drop_waiters() noexcept;
    void look_whether_plain() noexcept
    {
        is_plain_ = waiting_ == 0 && !terminated_ && !closing_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] waiter_queue& queue_of(waiter::want what) noexcept
    {
        return waiters_[static_cast<std::size_t>(what)];
    }
    void settle()
    {
        if (!effects_.refused.empty() || !effects_.finished.empty())
            forget_settled();
    }
    void forget_settled();
    void forget_peer(patterns::pipe_end& end) noexcept;
    void begin_record(peer& of, const std::shared_ptr<connection_record>& record);
    void settle_record(peer& of) noexcept;
    void forget_record(const connection_record& record) noexcept;
    [[nodiscard]] static traffic_stats traffic_of(const peer& of) noexcept;
    [[nodiscard]] static queue_stats queues_of(const peer& of) noexcept;
    void context_socket_may_be_done() noexcept;
    [[nodiscard]] std::size_t given_up_so_far() const;
    void tell_monitors(const monitor_event& event);
    void close_monitors() noexcept;
    void drop_peers_of(const void* origin);
    void close_peers_of(const void* origin);
    [[nodiscard]] std::vector<std::shared_ptr<link>> leave_peers_of(const void* origin);

    [[nodiscard]] transports::failure check(std::string_view text, const endpoint_options& options,
        std::optional<transports::endpoint>& parsed) const;
    [[nodiscard]] transports::failure bind_stream(
        const transports::endpoint& where, const endpoint_options& options, std::string& bound);
    [[nodiscard]] transports::failure bind_inproc(
        const transports::endpoint& where, const endpoint_options& overrides, std::string& bound);
    [[nodiscard]] transports::failure connect_stream(
        const transports::endpoint& where, const endpoint_options& options);
    [[nodiscard]] transports::failure connect_inproc(
        const transports::endpoint& where, const endpoint_options& options);
    [[nodiscard]] bool is_repeated_connect(std::string_view text) const;
    void close_name(const std::string& name) noexcept;
    void forget_endpoints_of(const void* origin) noexcept;
    void options_changed();

    const std::shared_ptr<context_core> context_;
    const socket_type type_;

    socket_options options_;
    mutable biased_lock mutex_;
    bool terminated_ = false;
    std::atomic<bool> closing_{false};
    bool is_plain_ = true;     // not terminated, not closing, and nobody waits
    std::size_t waiting_ = 0;  // in all queues
    patterns::effects effects_;
    std::unique_ptr<patterns::pattern> pattern_;
    std::vector<waiter*> completed_;
    std::array<waiter_queue, waiter::kinds> waiters_;
    std::unordered_map<patterns::pipe_end*, peer> peers_;
    std::vector<endpoint_record> endpoints_;
    std::unordered_map<const link*, link_record> links_;
    std::vector<std::shared_ptr<connection_record>> connections_;
    socket_totals totals_;
    std::size_t given_up_ = 0;
    bool send_hwm_changed_ = false;  // since construction: then it counts for all new peers
    bool receive_hwm_changed_ = false;
    std::atomic<milliseconds::rep> send_timeout_;  // copies of the options, read without the lock
    std::atomic<milliseconds::rep> receive_timeout_;
    std::atomic<io_loop*> loop_to_drive_{nullptr};
    std::atomic<std::size_t> connected_peers_{0};
    std::condition_variable_any all_links_ended_;

    std::mutex monitors_mutex_;
    std::atomic<bool> is_monitored_{false};
    bool monitors_closed_ = false;
    std::vector<std::weak_ptr<monitor_queue>> monitors_;
};

}  // namespace ferry::detail
