#include "engine/c_api/context.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <zmq.h>

#include "engine/c_api/errors.hpp"

namespace ferry::c_api
{

namespace
{

constexpr int most_io_threads = 256;  // of Ferry
constexpr int most_sockets = 65'535;
constexpr std::size_t longest_prefix = 16;
constexpr int zero_copy_option = 10;  // a draft, understood by libzmq's stable builds

}  // namespace

context_handle::context_handle() : last_one_gone_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (last_one_gone_ < 0)
        throw std::system_error(EMFILE, std::generic_category());
}

context_handle::~context_handle()
{
    face_.reset();
    close(last_one_gone_);
}

// --- options -------------------------------------------------------------------------------------

int context_handle::set(int option, const void* value, std::size_t size)
{
    if (option == ZMQ_THREAD_NAME_PREFIX && size != sizeof(int))
    {
        if (value == nullptr || size == 0 || size > longest_prefix)
            return EINVAL;
        const std::lock_guard lock(mutex_);
        thread_name_prefix_.assign(static_cast<const char*>(value), size);
        return 0;
    }
    if (value == nullptr || size != sizeof(int))
        return EINVAL;
    int number = 0;
    std::memcpy(&number, value, sizeof number);
    return set_number(option, number);
}

int context_handle::set_number(int option, int value)
{
    const auto store = [value](auto& where, int lowest, int highest) {
        if (value < lowest || value > highest)
            return EINVAL;
        where = value;
        return 0;
    };
    const auto store_flag = [value](auto& where) {
        if (value < 0)
            return EINVAL;
        where = value != 0 ? 1 : 0;
        return 0;
    };
    switch (option)
    {
    case ZMQ_IO_THREADS: return store(io_threads_, 0, INT_MAX);
    case ZMQ_MAX_SOCKETS:
        if (value < 1)
            return EINVAL;
        max_sockets_ = std::min(value, most_sockets);
        return 0;
    case ZMQ_THREAD_PRIORITY: return store(thread_priority_, 0, INT_MAX);
    case ZMQ_THREAD_SCHED_POLICY: return store(thread_policy_, 0, INT_MAX);
    case ZMQ_MAX_MSGSZ: return store(max_message_size_, 0, INT_MAX);
    case zero_copy_option: return store_flag(zero_copy_);
    case ZMQ_IPV6: return store_flag(ipv6_);
    case ZMQ_BLOCKY: return store_flag(blocky_);
    case ZMQ_THREAD_AFFINITY_CPU_ADD:
    case ZMQ_THREAD_AFFINITY_CPU_REMOVE: return set_affinity(option, value);
    case ZMQ_THREAD_NAME_PREFIX:
    {
        if (value < 0)
            return EINVAL;
        const std::lock_guard lock(mutex_);
        thread_name_prefix_ = std::to_string(value);
        return 0;
    }
    default: return EINVAL;
    }
}

int context_handle::set_affinity(int option, int processor)
{
    if (processor < 0)
        return EINVAL;
    const std::lock_guard lock(mutex_);
    if (option == ZMQ_THREAD_AFFINITY_CPU_ADD)
        processors_.insert(processor);
    else if (processors_.erase(processor) == 0)
        return EINVAL;
    return 0;
}

std::optional<int> context_handle::get(int option) const
{
    switch (option)
    {
    case ZMQ_IO_THREADS: return io_threads_;
    case ZMQ_MAX_SOCKETS: return max_sockets_;
    case ZMQ_SOCKET_LIMIT: return most_sockets;
    case ZMQ_THREAD_SCHED_POLICY: return thread_policy_;
    case ZMQ_MAX_MSGSZ: return max_message_size_;
    case ZMQ_MSG_T_SIZE: return static_cast<int>(sizeof(zmq_msg_t));
    case zero_copy_option: return zero_copy_;
    case ZMQ_IPV6: return ipv6_;
    case ZMQ_BLOCKY: return blocky_;
    case ZMQ_THREAD_NAME_PREFIX: return std::atoi(thread_name_prefix().c_str());
    default: return {};
    }
}

std::string context_handle::thread_name_prefix() const
{
    const std::lock_guard lock(mutex_);
    return thread_name_prefix_;
}

bool context_handle::has_io_thread(std::uint64_t affinity) const noexcept
{
    const int count = threads_of_face_.load();
    if (affinity == 0)
        return count > 0;
    const auto lowest = static_cast<int>(std::countr_zero(affinity));
    return lowest < count;
}

// Named as libzmq's threads are, which some look for.
context_options context_handle::options_of_face() const
{
    context_options options;
    options.io_threads = std::clamp(io_threads_.load(), 1, most_io_threads);
    options.thread_name = thread_name_prefix_.empty() ? "ZMQbg" : thread_name_prefix_ + "/ZMQbg";
    options.thread_policy = thread_policy_;
    options.thread_priority = thread_priority_;
    options.thread_processors.assign(processors_.begin(), processors_.end());
    return options;
}

// --- sockets, and the end -------------------------------------------------------------------------

ferry::context& context_handle::face()
{
    const std::lock_guard lock(mutex_);
    if (!face_)
    {
        const int threads = io_threads_.load();
        face_ = std::make_unique<ferry::context>(options_of_face());
        threads_of_face_ = std::min(threads, most_io_threads);
        if (is_terminated_)
            face_->shutdown();
    }
    return *face_;
}

int context_handle::admit_socket()
{
    const std::lock_guard lock(mutex_);
    if (is_terminated_)
        return ETERM;
    if (open_ >= max_sockets_)
        return EMFILE;
    ++open_;
    return 0;
}

void context_handle::socket_closed() noexcept
{
    const std::lock_guard lock(mutex_);
    --open_;
    ++lingering_;
}

void context_handle::socket_gone() noexcept
{
    const std::lock_guard lock(mutex_);
    if (--lingering_ == 0 && open_ == 0)
        signal();
}

void context_handle::signal() const noexcept
{
    const eventfd_t once = 1;
    (void)eventfd_write(last_one_gone_, once);
}

void context_handle::shutdown() noexcept
{
    const std::lock_guard lock(mutex_);
    if (is_terminated_.exchange(true))
        return;
    if (face_)
        face_->shutdown();
}

int context_handle::terminate()
{
    shutdown();
    for (;;)
    {
        {
            const std::lock_guard lock(mutex_);
            if (open_ == 0 && lingering_ == 0)
                break;
        }
        pollfd gone{last_one_gone_, POLLIN, 0};
        if (poll(&gone, 1, -1) < 0)
            return errno;
        eventfd_t count = 0;
        (void)eventfd_read(last_one_gone_, &count);
    }
    signal();                              // another thread may wait here, too
    std::unique_ptr<ferry::context> face;  // ends without the lock
    const std::lock_guard lock(mutex_);
    face = std::move(face_);
    return 0;
}

}  // namespace ferry::c_api

// --- zmq.h -----------------------------------------------------------------------------------------

using namespace ferry::c_api;

void* zmq_ctx_new(void)
{
    return guarded_pointer([] { return add_handle(std::make_shared<context_handle>()); });
}

void* zmq_init(int io_threads)
{
    if (io_threads < 0)
        return fail_null(EINVAL);
    void* const made = zmq_ctx_new();
    if (made != nullptr)
        zmq_ctx_set(made, ZMQ_IO_THREADS, io_threads);
    return made;
}

int zmq_ctx_set(void* context, int option, int value)
{
    const context_pin c = find_context(context);
    if (!c)
        return -1;
    return guarded([&] {
        const int error_number = c->set(option, &value, sizeof value);
        return error_number != 0 ? fail(error_number) : 0;
    });
}

int zmq_ctx_get(void* context, int option)
{
    const context_pin c = find_context(context);
    if (!c)
        return -1;
    return guarded([&] {
        const std::optional<int> value = c->get(option);
        return value ? *value : fail(EINVAL);
    });
}

int zmq_ctx_shutdown(void* context)
{
    const context_pin c = find_context(context);
    if (!c)
        return all_contexts.is_inherited(context) ? 0 : -1;
    c->shutdown();
    return 0;
}

int zmq_ctx_term(void* context)
{
    const context_pin c = find_context(context);
    if (!c)
        return all_contexts.forget_inherited(context) ? 0 : -1;
    return guarded([&] {
        if (const int error_number = c->terminate())
            return fail(error_number);
        (void)close_handle(c);
        return 0;
    });
}

int zmq_ctx_destroy(void* context)
{
    return zmq_ctx_term(context);
}

int zmq_term(void* context)
{
    return zmq_ctx_term(context);
}
