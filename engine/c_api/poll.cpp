// zmq_poll: Ferry's poller, which waits for sockets and for other descriptors.
#include <cerrno>
#include <chrono>
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
    [[nodiscard]] std::error_code look_at_sockets(int& ready);
    [[nodiscard]] std::error_code look_at_descriptors();
    void take_descriptors(int& ready) noexcept;
    [[nodiscard]] std::error_code wait_for(milliseconds left);
    void add_sockets(poller& waiting);

    std::span<zmq_pollitem_t> items_;
    std::vector<socket_pin> sockets_;  // of the items that are sockets, in their order
    std::vector<pollfd> descriptors_;  // of the others
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
    for (bool has_waited = false;; has_waited = true)
    {
        int ready = 0;
        std::error_code error = look_at_sockets(ready);
        const milliseconds left = limit.left();
        if (!error && !has_waited && (ready != 0 || left == milliseconds(0)))
            error = look_at_descriptors();
        take_descriptors(ready);
        if (!error && ready == 0 && left != milliseconds(0))
            error = wait_for(left);
        else if (!error)
            return ready;
        if (error)
            return fail(error);
    }
}

std::error_code poll_call::look_at_sockets(int& ready)
{
    auto socket = sockets_.begin();
    for (zmq_pollitem_t& item : items_)
    {
        item.revents = 0;
        if (item.socket == nullptr)
            continue;
        std::error_code error;
        const short events = whole(*socket++).look_for_events(error);
        if (error)
            return error;
        item.revents = static_cast<short>(events & item.events);
        ready += item.revents != 0 ? 1 : 0;
    }
    return {};
}

std::error_code poll_call::look_at_descriptors()
{
    if (descriptors_.empty() || poll(descriptors_.data(), descriptors_.size(), 0) >= 0)
        return {};
    return {errno, std::system_category()};
}

void poll_call::take_descriptors(int& ready) noexcept
{
    auto descriptor = descriptors_.begin();
    for (zmq_pollitem_t& item : items_)
    {
        if (item.socket != nullptr)
            continue;
        item.revents = from_poll(descriptor++->revents);
        ready += item.revents != 0 ? 1 : 0;
    }
}

// Of several items some may be of the same socket.
void poll_call::add_sockets(poller& waiting)
{
    std::map<ferry::socket*, poll_events> wanted;
    auto socket = sockets_.begin();
    for (const zmq_pollitem_t& item : items_)
    {
        if (item.socket == nullptr)
            continue;
        poll_events& events = wanted[&(*socket++)->face()];
        if ((item.events & ZMQ_POLLIN) != 0)
            events = events | poll_events::readable;
        if ((item.events & ZMQ_POLLOUT) != 0)
            events = events | poll_events::writable;
    }
    for (const auto& [face, events] : wanted)
        waiting.add(*face, events);
}

std::error_code poll_call::wait_for(milliseconds left)
{
    poller waiting;
    add_sockets(waiting);
    std::error_code error;
    (void)waiting.wait(descriptors_, left, error);
    return error;
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
