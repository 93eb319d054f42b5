// zmq_proxy: what comes in at one socket goes out at the other; and its control socket.
//
// Not built on ferry::proxy: the sockets may be one and the same, messages may have been received in part, and the
// control socket is waited for together with the others.
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <zmq.h>

#include <ferry/error.hpp>
#include <ferry/poller.hpp>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/socket.hpp"

namespace ferry::c_api
{

namespace
{

using std::chrono::milliseconds;
using wishes = std::map<ferry::socket*, poll_events>;

// One direction goes on for so many messages before the others get their turn.
constexpr int messages_per_turn = 1000;
// How long a message waits for one particular peer before it is tried again.
constexpr milliseconds a_moment{10};

bool receives(int type) noexcept
{
    return type != ZMQ_PUSH && type != ZMQ_PUB;
}

bool sends(int type) noexcept
{
    return type != ZMQ_PULL && type != ZMQ_SUB;
}

struct traffic
{
    std::uint64_t messages = 0;
    std::uint64_t octets = 0;
    void count(std::size_t size) noexcept
    {
        ++messages;
        octets += size;
    }
};

/// One way through the proxy. Holds at most the one message that there was no room for after all.
class direction
{
public:
    direction(c_socket& from, c_socket& to, c_socket* capture) noexcept
        : from_(from), to_(to), capture_(capture),
          leads_on_(receives(from.type()) && sends(to.type()))
    {
    }

    /// Passes on what there is. `moved`: at least one message was.
    std::error_code pump(bool& moved)
    {
        std::error_code error;
        for (int i = 0; leads_on_ && i < messages_per_turn && !error; ++i)
        {
            if (held_.empty() && !take(error))
                break;
            const std::size_t size = held_.size_octets();
            if (!to_.try_send(held_, error))
                break;
            held_.clear();
            sent_.count(size);
            moved = true;
        }
        return error;
    }

    /// What to wait for when it cannot go on. False: some room is there, but not for the message in hand.
    bool wish(wishes& all)
    {
        std::error_code error;
        if (!leads_on_)
            return true;
        const bool may_go_on = has_room(error);
        if (!may_go_on)
            add(all, to_, poll_events::writable);
        else if (held_.empty())
            add(all, from_, poll_events::readable);
        return held_.empty() || !may_go_on;
    }
    static void add(wishes& all, c_socket& of, poll_events what)
    {
        poll_events& events = all[&of.face()];
        events = events | what;
    }

    [[nodiscard]] const traffic& received() const noexcept { return received_; }
    [[nodiscard]] const traffic& sent() const noexcept { return sent_; }

private:
    // Of one socket it is not asked before it has received: a REP has no room then.
    bool has_room(std::error_code& error)
    {
        return (&from_ == &to_ && held_.empty()) || (to_.look_for_events(error) & ZMQ_POLLOUT) != 0;
    }
    // The next message, while there is room for it: back-pressure passes through.
    bool take(std::error_code& error)
    {
        if (!has_room(error))
            return false;
        std::optional<message> next = from_.try_receive(error);
        if (!next)
            return false;
        held_ = std::move(*next);
        received_.count(held_.size_octets());
        if (capture_ == nullptr)
            return true;
        message copy = held_;
        error = capture_->send(copy);  // waits for room, as libzmq does: no copy is lost
        return !error;
    }

    c_socket& from_;
    c_socket& to_;
    c_socket* capture_;
    const bool leads_on_;
    message held_;
    traffic received_;
    traffic sent_;
};

class proxy_run
{
public:
    proxy_run(c_socket& front, c_socket& back, c_socket* capture, c_socket* control) noexcept
        : front_(front), back_(back), control_(control), forth_(front, back, capture),
          home_(back, front, capture)
    {
    }

    /// Until it is told to stop, which is no error, or a socket or the context ends.
    std::error_code run()
    {
        while (!stopped_)
        {
            bool moved = false;
            std::error_code error = control_ != nullptr ? obey(moved) : std::error_code();
            if (!error && !stopped_ && !paused_)
                error = pump(moved);
            if (!error && !stopped_ && !moved)
                error = wait();
            if (error)
                return error;
        }
        return {};
    }

private:
    [[nodiscard]] bool is_one_socket() const noexcept { return &front_ == &back_; }

    std::error_code pump(bool& moved)
    {
        if (const std::error_code error = forth_.pump(moved))
            return error;
        return is_one_socket() ? std::error_code() : home_.pump(moved);
    }

    // Sockets of which nothing is wanted are waited for all the same, for their end.
    std::error_code wait()
    {
        wishes all{{&front_.face(), poll_events::none}, {&back_.face(), poll_events::none}};
        if (control_ != nullptr)
            direction::add(all, *control_, poll_events::readable);
        bool can_wait = true;
        if (!paused_)
        {
            can_wait = forth_.wish(all);
            if (!is_one_socket())
                can_wait = home_.wish(all) && can_wait;
        }
        poller waiting;
        for (const auto& [socket, events] : all)
            waiting.add(*socket, events);
        std::error_code error;
        (void)waiting.wait(can_wait ? forever : a_moment, error);
        return error;
    }

    // A REP must answer, whatever it was asked; other sockets answer only to STATISTICS.
    std::error_code obey(bool& moved)
    {
        std::error_code error;
        const std::optional<message> command = control_->try_receive(error);
        if (!command)
            return error;
        moved = true;
        message answer("");
        const std::string_view word = command->size() == 1 ? command->front().text() : "";
        if (word == "PAUSE")
            paused_ = true;
        else if (word == "RESUME")
            paused_ = false;
        else if (word == "TERMINATE")
            stopped_ = true;
        else if (word == "STATISTICS")
            answer = statistics();
        if (answer.size() == 1 && control_->type() != ZMQ_REP)
            return {};
        (void)control_->try_send(answer, error);  // no room: nobody waits for it
        return error;
    }

    message statistics() const
    {
        message all;
        const std::array counts{forth_.received(), is_one_socket() ? forth_.sent() : home_.sent(),
            is_one_socket() ? forth_.received() : home_.received(), forth_.sent()};
        for (const traffic& t : counts)
        {
            for (const std::uint64_t number : {t.messages, t.octets})
                all.append(std::as_bytes(std::span(&number, 1)));
        }
        return all;
    }

    c_socket& front_;
    c_socket& back_;
    c_socket* control_;
    direction forth_;
    direction home_;
    bool paused_ = false;
    bool stopped_ = false;
};

}  // namespace

}  // namespace ferry::c_api

// --- zmq.h -----------------------------------------------------------------------------------------

using namespace ferry::c_api;

int zmq_proxy_steerable(void* frontend, void* backend, void* capture, void* control)
{
    if (frontend == nullptr || backend == nullptr)
        return fail(EFAULT);
    const socket_pin front = find_socket(frontend);
    const socket_pin back = find_socket(backend);
    const socket_pin copies = capture != nullptr ? find_socket(capture) : socket_pin();
    const socket_pin commands = control != nullptr ? find_socket(control) : socket_pin();
    if (!front || !back || (capture != nullptr && !copies) || (control != nullptr && !commands))
        return -1;  // errno says so
    return guarded([&] {
        proxy_run run(whole(front), whole(back), copies ? &whole(copies) : nullptr,
            commands ? &whole(commands) : nullptr);
        return answer(run.run());
    });
}

int zmq_proxy(void* frontend, void* backend, void* capture)
{
    return zmq_proxy_steerable(frontend, backend, capture, nullptr);
}

// What kind of device it is, the sockets' types say.
int zmq_device(int /*type*/, void* frontend, void* backend)
{
    return zmq_proxy(frontend, backend, nullptr);
}
