// One category for the system's errors, whoever reported them.
#pragma once

#include <cstddef>
#include <system_error>
#include <utility>

#include <asio/any_completion_handler.hpp>
#include <asio/associator.hpp>
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

/// A handler in front of `Signature`'s, with everything associated with that one.
template <typename Signature>
struct system_error_handler
{
    asio::any_completion_handler<Signature> next;

    template <typename... Results>
    void operator()(std::error_code error, Results... results)
    {
        std::move(next)(system_error(error), results...);
    }
};

}  // namespace ferry::transports

template <template <typename, typename> class Associator, typename Signature, typename Candidate>
struct asio::associator<Associator, ferry::transports::system_error_handler<Signature>, Candidate>
    : Associator<asio::any_completion_handler<Signature>, Candidate>
{
    using handler = ferry::transports::system_error_handler<Signature>;
    using next = Associator<asio::any_completion_handler<Signature>, Candidate>;

    static auto get(const handler& h) noexcept { return next::get(h.next); }
    static auto get(const handler& h, const Candidate& c) noexcept { return next::get(h.next, c); }
};
