// One category for the system's errors, whoever reported them.
#pragma once

#include <cstddef>
#include <system_error>
#include <utility>

#include <asio/any_completion_handler.hpp>
#include <asio/error.hpp>

namespace ferry::transports
{

/// Standalone Asio puts errno values into a category of its own, which no std::errc condition
/// equals. Here they become std::system_category codes, like those of direct system calls.
/// operation_aborted stays as it is, because everybody compares it with Asio's name; eof and the
/// resolver's codes are no errno values.
[[nodiscard]] inline std::error_code system_error(std::error_code error) noexcept
{
    const bool is_errno = error.category() == asio::error::get_system_category();
    if (!is_errno || error == asio::error::operation_aborted)
        return error;
    return {error.value(), std::system_category()};
}

/// A handler in front of `Signature`'s. It takes over memory and cancellation, but no executor: what
/// a stream completes runs on the stream's own. That is the contract, and it spares two allocations
/// per operation, which asking a type-erased handler for a type-erased executor costs.
template <typename Signature>
struct system_error_handler
{
    using next_handler = asio::any_completion_handler<Signature>;
    using allocator_type = typename next_handler::allocator_type;
    using cancellation_slot_type = typename next_handler::cancellation_slot_type;

    next_handler next;

    [[nodiscard]] allocator_type get_allocator() const noexcept { return next.get_allocator(); }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept
    {
        return next.get_cancellation_slot();
    }

    template <typename... Results>
    void operator()(std::error_code error, Results... results)
    {
        std::move(next)(system_error(error), results...);
    }
};

}  // namespace ferry::transports
