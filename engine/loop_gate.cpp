#include "engine/loop_gate.hpp"

#include <system_error>
#include <utility>

#if defined(__linux__)
#include <sys/epoll.h>
#endif

namespace ferry::detail
{

#if defined(__linux__)

namespace
{

int make_set()
{
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set == -1)
        throw std::system_error(transports::last_system_error(), "cannot watch descriptors");
    return set;
}

}  // namespace

loop_gate::loop_gate(
    const asio::any_io_executor& executor, const transports::descriptor_watch& watch)
    : watch_(watch), set_(executor)
{
    transports::socket_handle set(make_set());
    std::error_code error;
    set_.assign(set.get(), error);
    if (error)
        throw std::system_error(error, "cannot watch descriptors");
    (void)set.release();
}

void loop_gate::start(std::function<void()> serve)
{
    serve_ = std::move(serve);
    wait();
}

void loop_gate::wait()
{
    set_.async_wait(asio::posix::descriptor_base::wait_read, [this](std::error_code error) {
        if (error)
            return;
        serve_();
        wait();
    });
}

void loop_gate::stop() noexcept
{
    std::error_code ignored;
    set_.close(ignored);
}

void loop_gate::open() noexcept
{
    if (open_)
        return;
    epoll_event event{};
    event.events = EPOLLIN;
    open_ = ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, watch_.native_handle(), &event) == 0;
}

void loop_gate::close() noexcept
{
    if (std::exchange(open_, false))
        (void)::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, watch_.native_handle(), nullptr);
}

#else

// Nothing is watched here but by Asio: see transports::can_watch_descriptors().
loop_gate::loop_gate(
    const asio::any_io_executor& executor, const transports::descriptor_watch& watch)
    : watch_(watch), set_(executor)
{
}
void loop_gate::start(std::function<void()>) {}
void loop_gate::wait() {}
void loop_gate::stop() noexcept {}
void loop_gate::open() noexcept
{
    open_ = true;
}
void loop_gate::close() noexcept
{
    open_ = false;
}

#endif

}  // namespace ferry::detail
