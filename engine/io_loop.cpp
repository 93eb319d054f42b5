#include "engine/io_loop.hpp"

#include <csignal>
#include <utility>

namespace ferry::detail
{

namespace
{

// While it lives, no signal is delivered to this thread, nor to threads it starts.
class signals_blocked
{
public:
    signals_blocked() noexcept
    {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

private:
    sigset_t before_;
};

}  // namespace

read_buffers::buffer read_buffers::take()
{
    if (spare_)
        return std::move(spare_);
    return buffer(new std::byte[size_octets]);
}

void read_buffers::give_back(buffer b) noexcept
{
    spare_ = std::move(b);
}

io_loop::io_loop() : io_(1), work_(io_.get_executor())
{
    const signals_blocked inherited_by_the_thread;
    thread_ = std::thread([this] { run(); });
    thread_id_ = thread_.get_id();
}

io_loop::~io_loop()
{
    stop();
}

bool io_loop::is_driven_by_this_thread() const noexcept
{
    return std::this_thread::get_id() == thread_id_;
}

void io_loop::stop() noexcept
{
    if (!thread_.joinable())
        return;
    is_stopped_.store(true, std::memory_order_release);
    work_.reset();
    io_.stop();
    thread_.join();
    // What was cancelled just before still has handlers queued, and they hold their owners.
    io_.restart();
    io_.poll();
}

void io_loop::run() noexcept
{
    // Handlers do not throw; should memory run out between them, the loop goes on with the next.
    for (;;)
    {
        try
        {
            io_.run();
            return;
        }
        catch (const std::exception&)
        {
            continue;
        }
    }
}

}  // namespace ferry::detail
