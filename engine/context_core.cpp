#include "engine/context_core.hpp"

#include <algorithm>
#include <exception>
#include <random>
#include <thread>
#include <utility>

#include <asio/post.hpp>
#include <asio/system_executor.hpp>

#include <ferry/error.hpp>

#include "engine/settings.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

namespace
{

constexpr int most_io_threads = 256;

void check(const context_options& options)
{
    if (options.io_threads < 1 || options.io_threads > most_io_threads)
        throw error(errc::invalid_argument, "context: io_threads must be 1 to 256");
    if (options.busy_poll < std::chrono::microseconds{0})
        throw error(errc::invalid_argument, "context: busy_poll must not be negative");
    if (options.thread_policy < -1 || options.thread_priority < -1)
        throw error(errc::invalid_argument,
            "context: thread_policy and thread_priority must be -1 or more");
    const auto& processors = options.thread_processors;
    if (std::any_of(processors.begin(), processors.end(), [](int each) { return each < 0; }))
        throw error(errc::invalid_argument, "context: thread_processors must not be negative");
}

// Of the background thread of that number.
thread_settings settings_of_thread(const context_options& options, int number)
{
    std::string name;
    if (!options.thread_name.empty())
        name = options.thread_name + "/IO/" + std::to_string(number);
    return {
        std::move(name), options.thread_policy, options.thread_priority, options.thread_processors};
}

std::uint64_t random_seed()
{
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

context_core::context_core(const context_options& options)
    : max_sockets_(options.max_sockets), log_(options.log), random_state_(random_seed())
{
    check(options);
    for (int i = 0; i < options.io_threads; ++i)
        loops_.push_back(
            std::make_unique<io_loop>(options.busy_poll, settings_of_thread(options, i)));
}

context_core::context_core(const asio::any_io_executor& executor, const context_options& options)
    : max_sockets_(options.max_sockets), log_(options.log),
      users_loop_(std::make_shared<user_loop>(executor)), random_state_(random_seed())
{
}

context_core::~context_core()
{
    for (const auto& loop : loops_)
        loop->stop();
}

std::shared_ptr<socket_core> context_core::make_socket(socket_type type, socket_options options)
{
    const std::string what = "socket of type " + std::string(to_string(type));
    if (const auto mistake = find_mistake(type, options))
        throw error(errc::invalid_argument, what + ": " + *mistake);
    auto made = std::make_shared<socket_core>(shared_from_this(), type, std::move(options));
    const std::lock_guard lock(mutex_);
    if (terminated_)
        throw error(errc::terminated, what);
    if (sockets_.size() >= max_sockets_)
        throw error(errc::too_many, what + ": max_sockets are open");
    sockets_.emplace(made.get(), made);
    return made;
}

void context_core::socket_done(const socket_core& socket) noexcept
{
    std::shared_ptr<socket_core> released;  // destroyed without the lock
    const std::lock_guard lock(mutex_);
    if (const auto found = sockets_.find(&socket); found != sockets_.end())
    {
        released = std::move(found->second);
        sockets_.erase(found);
    }
}

std::vector<std::shared_ptr<socket_core>> context_core::all_sockets() const
{
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<socket_core>> all;
    all.reserve(sockets_.size());
    for (const auto& [key, socket] : sockets_)
        all.push_back(socket);
    return all;
}

void context_core::shutdown() noexcept
{
    {
        const std::lock_guard lock(mutex_);
        terminated_ = true;
    }
    for (const auto& socket : all_sockets())
        socket->terminate();
}

void context_core::end() noexcept
{
    shutdown();
    const auto sockets = all_sockets();
    for (const auto& socket : sockets)
        socket->begin_close();
    if (is_on_users_loop())
        return;
    if (is_driven_by_this_thread())
        return end_elsewhere();
    for (const auto& socket : sockets)
        socket->wait_until_closed();
    for (const auto& loop : loops_)
        loop->finish_handlers();
    for (const auto& loop : loops_)
        loop->stop();
}

// In a handler or a deleter that a loop of ours called: it cannot wait for itself.
void context_core::end_elsewhere() noexcept
{
    try
    {
        std::thread([self = shared_from_this()] { self->end(); }).detach();
    }
    catch (const std::exception&)
    {
        // No thread, or no memory: the sockets are closed, the loops go on for as long as the process.
        kept_for_ever_ = shared_from_this();
    }
}

void context_core::abandon() noexcept
{
    {
        const std::lock_guard lock(mutex_);
        terminated_ = true;
    }
    users_loop_->abandon();
    for (const auto& socket : all_sockets())
        socket->abandon();
}

namespace
{

// Loops beyond the mask's bits are in no mask.
bool is_in(std::uint64_t mask, std::size_t loop) noexcept
{
    return loop < 64 && (mask >> loop & 1) != 0;
}

}  // namespace

link_loop& context_core::next_loop(std::uint64_t mask) noexcept
{
    if (is_on_users_loop())
        return *users_loop_;
    const std::size_t first = next_loop_.fetch_add(1, std::memory_order_relaxed);
    for (std::size_t i = 0; mask != 0 && i < loops_.size(); ++i)
    {
        const std::size_t loop = (first + i) % loops_.size();
        if (is_in(mask, loop))
            return *loops_[loop];
    }
    return *loops_[first % loops_.size()];
}

bool context_core::has_loop(std::uint64_t mask) const noexcept
{
    bool has = mask == 0 || is_on_users_loop();
    for (std::size_t i = 0; i < loops_.size() && !has; ++i)
        has = is_in(mask, i);
    return has;
}

bool context_core::is_driven_by_this_thread() const noexcept
{
    for (const auto& loop : loops_)
    {
        if (loop->is_driven_by_this_thread())
            return true;
    }
    return false;
}

const asio::any_io_executor& context_core::executor() const noexcept
{
    return is_on_users_loop() ? users_loop_->user_executor() : loops_.front()->user_executor();
}

asio::any_io_executor context_core::completion_executor(
    const asio::any_io_executor& asked_for) const
{
    const bool is_over =
        is_on_users_loop() ? users_loop_->is_stopped() : loops_.front()->is_stopped();
    if (is_over && asked_for == executor())
        return asio::system_executor();
    return asked_for;
}

void context_core::see_to_handlers() noexcept
{
    if (is_on_users_loop() || !loops_.front()->is_finished())
        return;
    try
    {
        asio::post(asio::system_executor(),
            [self = shared_from_this()] { self->loops_.front()->run_what_is_due(); });
    }
    catch (const std::exception&)
    {
        return;  // no memory to call the handlers with
    }
}

void context_core::count_async_waiter(int change) noexcept
{
    for (const auto& loop : loops_)
        loop->count_async_waiter(change);
}

void context_core::serve_async_waiters() noexcept
{
    for (const auto& loop : loops_)
        loop->serve_async_waiters();
}

std::uint32_t context_core::random() noexcept
{
    // SplitMix64 (Vigna): good enough for jitter and for where counters start.
    std::uint64_t z = random_state_.fetch_add(0x9e3779b97f4a7c15, std::memory_order_relaxed);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<std::uint32_t>((z ^ (z >> 31)) >> 32);
}

}  // namespace ferry::detail
