// zmq_poller_...: drafts of libzmq, exported in draft builds only (FERRY_ZMQ_DRAFTS). A list of what to poll, and zmq_poll.
#ifndef ZMQ_BUILD_DRAFT_API
#define ZMQ_BUILD_DRAFT_API
#endif
#ifndef FERRY_ZMQ_DRAFTS
#define FERRY_ZMQ_DRAFTS
#endif
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <vector>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/handle_table.hpp"
#include "engine/c_api/handles.hpp"

namespace
{

using namespace ferry::c_api;

constexpr short all_events = ZMQ_POLLIN | ZMQ_POLLOUT | ZMQ_POLLERR | ZMQ_POLLPRI;

/// Thread safety: all members, from any thread; a wait looks at what was there when it began.
class poll_list
{
public:
    struct item
    {
        zmq_pollitem_t polled;
        void* user_data;
    };

    int add(const item& added)
    {
        const std::lock_guard lock(mutex_);
        if (find(added.polled) != items_.end() || !are_events(added.polled.events))
            return fail(EINVAL);
        items_.push_back(added);
        return 0;
    }
    int modify(const zmq_pollitem_t& what)
    {
        const std::lock_guard lock(mutex_);
        const auto found = find(what);
        if (found == items_.end() || !are_events(what.events))
            return fail(EINVAL);
        found->polled.events = what.events;
        return 0;
    }
    int remove(const zmq_pollitem_t& what)
    {
        const std::lock_guard lock(mutex_);
        const auto found = find(what);
        if (found == items_.end())
            return fail(EINVAL);
        items_.erase(found);
        return 0;
    }
    [[nodiscard]] std::vector<item> items() const
    {
        const std::lock_guard lock(mutex_);
        return items_;
    }
    [[nodiscard]] int size() const
    {
        const std::lock_guard lock(mutex_);
        return static_cast<int>(items_.size());
    }

private:
    static bool are_events(short events) noexcept { return (events & ~all_events) == 0; }
    std::vector<item>::iterator find(const zmq_pollitem_t& what)
    {
        return std::find_if(items_.begin(), items_.end(), [&](const item& each) {
            return each.polled.socket == what.socket &&
                (what.socket != nullptr || each.polled.fd == what.fd);
        });
    }

    mutable std::mutex mutex_;
    std::vector<item> items_;
};

template <class Call>
int with_list(const void* handle, Call call)
{
    const auto found = things<poll_list>().find(handle);
    if (!found)
        return fail(EFAULT);
    return guarded([&] { return call(*found); });
}

// A socket must be one that is open.
template <class Call>
int with_socket(void* poller, void* socket, short events, Call call)
{
    return with_list(poller, [&](poll_list& list) {
        if (!find_socket(socket))
            return -1;
        return call(list, zmq_pollitem_t{socket, 0, events, 0});
    });
}

template <class Call>
int with_descriptor(void* poller, zmq_fd_t fd, short events, Call call)
{
    return with_list(poller, [&](poll_list& list) {
        return fd < 0 ? fail(EBADF) : call(list, zmq_pollitem_t{nullptr, fd, events, 0});
    });
}

int modify(poll_list& list, const zmq_pollitem_t& what)
{
    return list.modify(what);
}
int take_out(poll_list& list, const zmq_pollitem_t& what)
{
    return list.remove(what);
}

// How many events were written; a wait that found none has failed with EAGAIN.
int wait_for_events(const poll_list& list, zmq_poller_event_t* events, int room, long timeout)
{
    const std::vector<poll_list::item> items = list.items();
    if (items.empty() && timeout < 0)
        return fail(EFAULT);  // for ever
    std::vector<zmq_pollitem_t> polled;
    for (const auto& each : items)
        polled.push_back(each.polled);
    const int ready = zmq_poll(polled.data(), static_cast<int>(polled.size()), timeout);
    if (ready <= 0)
        return ready == 0 ? fail(EAGAIN) : -1;
    int written = 0;
    for (std::size_t i = 0; i < polled.size() && written < room; ++i)
    {
        const zmq_pollitem_t& each = polled[i];
        if (each.revents != 0)
            events[written++] = {each.socket, each.fd, items[i].user_data, each.revents};
    }
    return written;
}

}  // namespace

void* zmq_poller_new()
{
    return guarded_pointer([] { return things<poll_list>().make(); });
}

int zmq_poller_destroy(void** poller)
{
    if (poller == nullptr)
        return fail(EFAULT);
    const auto found = things<poll_list>().find(*poller);
    if (!found || !found.close())
        return fail(EFAULT);
    *poller = nullptr;
    return 0;
}

int zmq_poller_size(void* poller)
{
    return with_list(poller, [](const poll_list& list) { return list.size(); });
}

int zmq_poller_add(void* poller, void* socket, void* user_data, short events)
{
    return with_socket(poller, socket, events, [&](poll_list& list, const zmq_pollitem_t& what) {
        return list.add({what, user_data});
    });
}

int zmq_poller_modify(void* poller, void* socket, short events)
{
    return with_socket(poller, socket, events, modify);
}

int zmq_poller_remove(void* poller, void* socket)
{
    return with_socket(poller, socket, 0, take_out);
}

int zmq_poller_add_fd(void* poller, zmq_fd_t fd, void* user_data, short events)
{
    return with_descriptor(poller, fd, events, [&](poll_list& list, const zmq_pollitem_t& what) {
        return list.add({what, user_data});
    });
}

int zmq_poller_modify_fd(void* poller, zmq_fd_t fd, short events)
{
    return with_descriptor(poller, fd, events, modify);
}

int zmq_poller_remove_fd(void* poller, zmq_fd_t fd)
{
    return with_descriptor(poller, fd, 0, take_out);
}

int zmq_poller_wait(void* poller, zmq_poller_event_t* event, long timeout)
{
    if (event != nullptr)
        *event = {};
    return zmq_poller_wait_all(poller, event, 1, timeout) < 0 ? -1 : 0;
}

int zmq_poller_wait_all(void* poller, zmq_poller_event_t* events, int room, long timeout)
{
    return with_list(poller, [&](const poll_list& list) {
        if (events == nullptr)
            return fail(EFAULT);
        return room < 0 ? fail(EINVAL) : wait_for_events(list, events, room, timeout);
    });
}

// Only sockets of draft types would have one in common.
int zmq_poller_fd(void* poller, zmq_fd_t* fd)
{
    return with_list(
        poller, [&](const poll_list&) { return fd == nullptr ? fail(EFAULT) : fail(EINVAL); });
}
