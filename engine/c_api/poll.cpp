// zmq_poll: sockets alone wait as Ferry's poller does; with other descriptors among them, through ZMQ_FD.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <map>
#include <span>
#include <vector>

#include <poll.h>

#include <zmq.h>

#include <ferry/error.hpp>
#include <ferry/poller.hpp>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/patience.hpp"
#include "engine/c_api/socket.hpp"

namespace ferry::c_api
{

namespace
{

using std::chrono::milliseconds;

short to_poll(short events) noexcept
{
    return static_cast<short>(((events & ZMQ_POLLIN) != 0 ? POLLIN : 0) |
        ((events & ZMQ_POLLOUT) != 0 ? POLLOUT : 0) | ((events & ZMQ_POLLPRI) != 0 ? POLLPRI : 0));
}

// Whatever is neither input, output nor urgent is an error.
short from_poll(short events) noexcept
{
    const int others = events & ~(POLLIN | POLLOUT | POLLPRI);
    return static_cast<short>(((events & POLLIN) != 0 ? ZMQ_POLLIN : 0) |
        ((events & POLLOUT) != 0 ? ZMQ_POLLOUT : 0) | ((events & POLLPRI) != 0 ? ZMQ_POLLPRI : 0) |
        (others != 0 ? ZMQ_POLLERR : 0));
}

int to_timeout(milliseconds left) noexcept
{
    return static_cast<int>(
        std::min<milliseconds::rep>(left.count(), std::numeric_limits<int>::max()));
}

/// One call of zmq_poll.
class poll_call
{
public:
    explicit poll_call(std::span<zmq_pollitem_t> items) : items_(items) {}

    /// False, with errno set, when one of the handles is no open socket.
    [[nodiscard]] bool find_sockets();
    /// How many items are ready; -1 with errno set.
    [[nodiscard]] int wait(long timeout);

private:
    [[nodiscard]] std::error_code look(int& ready);
    [[nodiscard]] std::error_code wait_for_sockets(milliseconds left);
    [[nodiscard]] std::error_code wait_for_descriptors(milliseconds left);
    [[nodiscard]] bool has_descriptors() const noexcept { return sockets_.size() < items_.size(); }
    [[nodiscard]] std::error_code look_at_descriptors(int& ready);

    std::span<zmq_pollitem_t> items_;
    std::vector<socket_pin> sockets_;   // of the items that are sockets, in their order
    std::vector<pollfd> descriptors_;   // of the others first, then of the sockets
    bool through_descriptors_ = false;  // the sockets' own were asked for
};

bool poll_call::find_sockets()
{
    sockets_.reserve(items_.size());
    for (const zmq_pollitem_t& item : items_)
    {
        if (item.socket == nullptr)
        {
            descriptors_.push_back({item.fd, to_poll(item.events), 0});
            continue;
        }
        socket_pin s = find_socket(item.socket);
        if (!s)
            return false;
        sockets_.push_back(std::move(s));
    }
    return true;
}

int poll_call::wait(long timeout)
{
    const patience limit(timeout);
    for (;;)
    {
        int ready = 0;
        if (const std::error_code error = look(ready))
            return fail(error);
        const milliseconds left = limit.left();
        if (ready != 0 || left == milliseconds(0))
            return ready;
        const std::error_code error =
            has_descriptors() ? wait_for_descriptors(left) : wait_for_sockets(left);
        if (error)
            return fail(error);
    }
}

std::error_code poll_call::look(int& ready)
{
    auto socket = sockets_.begin();
    for (zmq_pollitem_t& item : items_)
    {
        item.revents = 0;
        if (item.socket == nullptr)
            continue;
        std::error_code error;
        c_socket& s = whole(*socket++);
        const short events =
            through_descriptors_ ? s.ready_events(error) : s.look_for_events(error);
        if (error)
            return error;
        item.revents = static_cast<short>(events & item.events);
        ready += item.revents != 0 ? 1 : 0;
    }
    return has_descriptors() ? look_at_descriptors(ready) : std::error_code();
}

std::error_code poll_call::look_at_descriptors(int& ready)
{
    const std::size_t count = items_.size() - sockets_.size();
    if (poll(descriptors_.data(), count, 0) < 0)
        return {errno, std::system_category()};
    auto descriptor = descriptors_.begin();
    for (zmq_pollitem_t& item : items_)
    {
        if (item.socket != nullptr)
            continue;
        item.revents = from_poll(descriptor++->revents);
        ready += item.revents != 0 ? 1 : 0;
    }
    return {};
}

std::error_code poll_call::wait_for_sockets(milliseconds left)
{
    std::map<ferry::socket*, poll_events> wanted;  // one item of several may be of the same socket
    auto socket = sockets_.begin();
    for (const zmq_pollitem_t& item : items_)
    {
        poll_events& events = wanted[&(*socket++)->face()];
        if ((item.events & ZMQ_POLLIN) != 0)
            events = events | poll_events::readable;
        if ((item.events & ZMQ_POLLOUT) != 0)
            events = events | poll_events::writable;
    }
    poller waiting;
    for (const auto& [face, events] : wanted)
        waiting.add(*face, events);
    std::error_code error;
    (void)waiting.wait(left, error);
    return error;
}

std::error_code poll_call::wait_for_descriptors(milliseconds left)
{
    if (!through_descriptors_)
    {
        for (const socket_pin& s : sockets_)
        {
            std::error_code error;
            descriptors_.push_back({s->notification_descriptor(error), POLLIN, 0});
            if (error)
                return error;
        }
        through_descriptors_ = true;
        return {};  // from now on, looking at the sockets asks for the next edge
    }
    if (poll(descriptors_.data(), descriptors_.size(), to_timeout(left)) < 0)
        return {errno, std::system_category()};
    return {};
}

}  // namespace

}  // namespace ferry::c_api

// --- zmq.h -----------------------------------------------------------------------------------------

using namespace ferry::c_api;

int zmq_poll(zmq_pollitem_t* items, int count, long timeout)
{
    if (count < 0)
        return fail(EINVAL);
    if (items == nullptr && count != 0)
        return fail(EFAULT);
    return guarded([&] {
        poll_call call(std::span(items, static_cast<std::size_t>(count)));
        return call.find_sockets() ? call.wait(timeout) : -1;
    });
}
