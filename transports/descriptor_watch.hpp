// Which descriptors of a loop are ready: asked for by whatever thread drives the loop at the moment.
#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

#include <asio/execution/context.hpp>
#include <asio/execution_context.hpp>
#include <asio/query.hpp>

#include "transports/socket_handle.hpp"

namespace ferry::transports
{

/// Whether this system has what descriptor_watch needs. Where not, streams are watched by Asio.
[[nodiscard]] constexpr bool can_watch_descriptors() noexcept
{
#if defined(__linux__)
    return true;
#else
    return false;
#endif
}

/// A service of an Asio execution context. Streams made for an executor of a context that has it
/// are watched here and not by Asio, so that a thread that waits for messages can wait for their
/// octets itself. Nobody is told twice: readiness is reported when it begins.
///
/// Thread safety: wait() and interrupt() by any thread at any time; everything else on the loop,
/// like the streams.
class descriptor_watch final : public asio::execution_context::service
{
public:
    using key_type = descriptor_watch;
    static asio::execution_context::id id;

    /// What is told. `ended`: the peer closed, or the descriptor failed. A target may be removed
    /// and destroyed in each of these.
    class target
    {
    public:
        virtual void on_readable(bool ended) noexcept = 0;
        virtual void on_writable(bool ended) noexcept = 0;
        /// The context is destroyed: nothing more will be told. Handlers go now.
        virtual void on_abandoned() noexcept = 0;

    protected:
        ~target() = default;
    };

    /// Names a registration; one that was removed is never told.
    struct registration
    {
        std::uint32_t slot = UINT32_MAX;  // of no descriptor
        std::uint32_t generation = 0;
    };

    /// What one wait() found.
    class batch
    {
    public:
        [[nodiscard]] bool is_full() const noexcept { return count_ == found_.size(); }
        [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
        void clear() noexcept
        {
            count_ = 0;
            interrupted_ = false;
        }
        /// Whether interrupt() was among it. It is told once: who is not the one to be interrupted
        /// has to pass it on.
        [[nodiscard]] bool was_interrupted() const noexcept { return interrupted_; }

    private:
        friend class descriptor_watch;
        struct entry
        {
            registration who;
            std::uint32_t events = 0;
        };
        std::array<entry, 64> found_;
        std::size_t count_ = 0;
        bool interrupted_ = false;
    };

    enum class outcome : std::uint8_t
    {
        ready,  ///< the batch holds something, or interrupt() was called
        timed_out,
        interrupted,  ///< a signal handler ran in this thread
    };

    /// Errors: std::system_error, when the system gives no descriptors for it.
    explicit descriptor_watch(asio::execution_context& owner);
    ~descriptor_watch() override;

    /// The watch of the context behind an executor; null where Asio watches.
    template <class Executor>
    [[nodiscard]] static descriptor_watch* of(const Executor& executor)
    {
        if (!can_watch_descriptors())
            return nullptr;
        auto& context = asio::query(executor, asio::execution::context);
        if (!asio::has_service<descriptor_watch>(context))
            return nullptr;
        return &asio::use_service<descriptor_watch>(context);
    }

    /// Readable while wait() would find something.
    [[nodiscard]] int native_handle() const noexcept { return poll_set_.get(); }

    [[nodiscard]] std::error_code add(int descriptor, target& whom, registration& out);
    void remove(int descriptor, registration who) noexcept;

    /// Waits until something is ready, for at most `timeout` (zero: looks only; empty: no limit), with the
    /// thread's signal mask or another one.
    [[nodiscard]] outcome wait(batch& found, std::optional<std::chrono::nanoseconds> timeout,
        const sigset_t* mask = nullptr) noexcept;
    /// Tells the targets of a batch, except those that were removed meanwhile.
    void deliver(const batch& found) noexcept;
    /// Ends a wait() that is under way, or the next one.
    void interrupt() noexcept;

private:
    struct slot
    {
        target* whom = nullptr;
        std::uint32_t generation = 0;
    };

    void shutdown() noexcept override;
    [[nodiscard]] target* find(registration who) const noexcept;

    socket_handle poll_set_;
    socket_handle alarm_;
    std::vector<slot> slots_;
    std::vector<std::uint32_t> free_slots_;
};

}  // namespace ferry::transports
