// The operations of the public face, each with the kind of handler it has.
#include <ferry/detail/initiate.hpp>

#include <memory>
#include <utility>

#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/associated_immediate_executor.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/error.hpp>
#include <asio/recycling_allocator.hpp>

#include "engine/async_operation.hpp"
#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

namespace
{

// What the handlers get; the message only where one was received.
struct result
{
    std::error_code error;
    message received;
    std::size_t given_up = 0;
};

void call(plain_handler&& handler, result&& what)
{
    std::move(handler)(what.error);
}
void call(message_handler&& handler, result&& what)
{
    std::move(handler)(what.error, std::move(what.received));
}
void call(count_handler&& handler, result&& what)
{
    std::move(handler)(what.error, what.given_up);
}

/// The operation and its handler, in memory of the handler's allocator.
template <class Handler>
class handled_operation final : public async_operation
{
public:
    static void start(const operation_place& where, want what, message&& m, awaited_state&& awaited,
        Handler handler);

    handled_operation(const operation_place& where, want what, Handler handler)
        : async_operation(what, where.core), handler_(std::move(handler))
    {
    }

private:
    using allocator = typename std::allocator_traits<asio::associated_allocator_t<Handler,
        asio::recycling_allocator<void>>>::template rebind_alloc<handled_operation>;

    [[nodiscard]] static allocator allocator_of(const Handler& handler)
    {
        return allocator(
            asio::get_associated_allocator(handler, asio::recycling_allocator<void>()));
    }
    void find_executors(const operation_place& where);
    void connect_slot()
    {
        constexpr auto all = asio::cancellation_type::terminal | asio::cancellation_type::partial |
            asio::cancellation_type::total;
        auto slot = asio::get_associated_cancellation_slot(handler_);
        if (!slot.is_connected())
            return;
        cancellable_ = std::make_shared<handled_operation*>(this);
        slot.assign([whom = cancellable_](asio::cancellation_type type) {
            if (*whom != nullptr && (type & all) != asio::cancellation_type::none)
                (*whom)->cancel();
        });
    }
    // The slot itself may be gone with its signal, where the operation is ended without a call.
    void disconnect_slot() noexcept override
    {
        if (cancellable_)
            *cancellable_ = nullptr;
    }
    [[nodiscard]] Handler free() noexcept
    {
        Handler handler = std::move(handler_);
        allocator memory = allocator_of(handler);
        std::allocator_traits<allocator>::destroy(memory, this);
        memory.deallocate(this, 1);
        return handler;
    }
    void deliver() override
    {
        result outcome{error, {}, count};
        if (what() == want::receive && !error)
            outcome.received = std::move(message_);
        call(free(), std::move(outcome));
    }
    void discard() noexcept override { (void)free(); }

    Handler handler_;
    std::shared_ptr<handled_operation*> cancellable_;  // where the slot looks for it
};

// The program's loop, if everything happens there: the usual case.
user_loop* loop_of_all(const operation_place& where) noexcept
{
    user_loop* const loop = where.core->context()->users_loop();
    const bool is_there = loop != nullptr && !loop->is_stopped() &&
        where.executor == loop->user_executor() && where.handlers == where.executor;
    return is_there ? loop : nullptr;
}

// The handlers' executor is the socket's, where they said nothing.
template <class Handler>
void handled_operation<Handler>::find_executors(const operation_place& where)
{
    const asio::any_io_executor place = where.core->context()->completion_executor(where.executor);
    const bool is_own = where.handlers && where.handlers != where.executor;
    const asio::any_io_executor posts = is_own || !where.handlers ? where.handlers : place;
    set_executors(asio::get_associated_executor(handler_, place), posts, place);
}

template <class Handler>
void handled_operation<Handler>::start(
    const operation_place& where, want what, message&& m, awaited_state&& awaited, Handler handler)
{
    allocator memory = allocator_of(handler);
    handled_operation* made = memory.allocate(1);
    std::allocator_traits<allocator>::construct(memory, made, where, what, std::move(handler));
    made->message_ = std::move(m);
    made->count = awaited.count;
    made->topic = std::move(awaited.topic);
    if (user_loop* const loop = loop_of_all(where))
        made->set_loop(*loop);
    else
        made->find_executors(where);
    made->connect_slot();
    if (made->begin() && (where.has_immediate || !made->begin_plain_step()))
        made->begin_step(
            asio::get_associated_immediate_executor(made->handler_, made->executor_for_posts()));
}

waiter::want to_want(awaited_state::kind what) noexcept
{
    switch (what)
    {
    case awaited_state::kind::readable: return waiter::want::readable;
    case awaited_state::kind::writable: return waiter::want::writable;
    case awaited_state::kind::peers: return waiter::want::peers;
    case awaited_state::kind::subscribers: return waiter::want::subscribers;
    }
    return waiter::want::readable;
}

}  // namespace

void start_send(const operation_place& where, message m, plain_handler handler)
{
    handled_operation<plain_handler>::start(
        where, waiter::want::send, std::move(m), {}, std::move(handler));
}

void start_receive(const operation_place& where, message_handler handler)
{
    handled_operation<message_handler>::start(
        where, waiter::want::receive, {}, {}, std::move(handler));
}

void start_wait(const operation_place& where, awaited_state what, plain_handler handler)
{
    const waiter::want wanted = to_want(what.what);
    handled_operation<plain_handler>::start(where, wanted, {}, std::move(what), std::move(handler));
}

void start_close(const operation_place& where, count_handler handler)
{
    where.core->begin_close();
    handled_operation<count_handler>::start(
        where, waiter::want::closed, {}, {}, std::move(handler));
}

}  // namespace ferry::detail
