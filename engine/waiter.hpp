// Somebody who waits for a socket: a blocked thread, or a completion handler. The socket knows no
// difference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

#include <ferry/message.hpp>

namespace ferry::detail
{

class socket_core;

/// One operation that could not be done at once. It stays in its socket's queue until it is done,
/// failed or withdrawn; complete() is called exactly once unless it was withdrawn.
class waiter
{
public:
    enum class want : std::uint8_t
    {
        send,
        receive,
        readable,
        writable,
        peers,        ///< `count` of them
        subscribers,  ///< `count` of them, of `topic`
        room,         ///< for a message that begins with `topic`
        closed,       ///< every connection has ended after the socket's close; then `count` is what
                      ///< was given up
    };
    static constexpr std::size_t kinds = 8;
    /// When a message is sent or taken: by whoever finds that it can be, or not before the waiter
    /// comes for it itself, with socket_core::take_step().
    enum class takes_effect : std::uint8_t
    {
        at_once,
        in_its_step,
    };

    waiter(want what, message* body, takes_effect when = takes_effect::at_once) noexcept
        : what_(what), is_deferred_(when == takes_effect::in_its_step), body_(body)
    {
    }
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;

    /// The operation is over: `error` and the message are settled. Or, of one that takes effect in
    /// its step, it may try: then it calls take_step(). Called without the socket's lock, from any
    /// thread; the waiter may be destroyed by it.
    virtual void complete() noexcept = 0;

    /// Of one that is not queued any more: the socket's loop will never run again, and nobody waits
    /// for an answer. complete() is not called.
    virtual void abandon() noexcept {}
    /// The same of one whose complete() was or will be called: what it does then is nothing.
    virtual void drop() noexcept {}

    [[nodiscard]] want what() const noexcept { return what_; }
    [[nodiscard]] message& body() const noexcept { return *body_; }

    std::error_code error;
    std::size_t count = 0;
    std::string topic;

protected:
    ~waiter() = default;

private:
    friend class waiter_queue;
    friend class socket_core;
    want what_;
    bool is_deferred_;
    bool queued_ = false;
    bool step_is_coming_ = false;  // complete() was or will be called, and take_step() not yet
    message* body_;
    waiter* next_ = nullptr;
    waiter* previous_ = nullptr;
};

/// Waiters in the order of their coming. Not thread-safe; allocates nothing.
class waiter_queue
{
public:
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    [[nodiscard]] waiter* front() const noexcept { return first_; }
    [[nodiscard]] static waiter* after(const waiter& w) noexcept { return w.next_; }

    void push_back(waiter& w) noexcept
    {
        w.queued_ = true;
        w.next_ = nullptr;
        w.previous_ = last_;
        (last_ != nullptr ? last_->next_ : first_) = &w;
        last_ = &w;
    }
    /// False when it is not queued (any more).
    bool remove(waiter& w) noexcept
    {
        if (!w.queued_)
            return false;
        w.queued_ = false;
        (w.previous_ != nullptr ? w.previous_->next_ : first_) = w.next_;
        (w.next_ != nullptr ? w.next_->previous_ : last_) = w.previous_;
        return true;
    }

private:
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
};

}  // namespace ferry::detail
