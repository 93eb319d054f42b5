// What links want of the loop they live on, beside what their sessions want.
#pragma once

#include <asio/any_io_executor.hpp>

#include "engine/session_loop.hpp"

namespace ferry::detail
{

/// Ferry's own loop (io_loop), or the program's (user_loop).
class link_loop : public session_loop
{
public:
    /// Runs everything in the loop's turn. Streams, listeners and timers are made for it.
    [[nodiscard]] virtual asio::any_io_executor executor() const noexcept = 0;
    /// Where users' handlers run that do not say: not in the turn.
    [[nodiscard]] virtual const asio::any_io_executor& user_executor() const noexcept = 0;
    [[nodiscard]] virtual loop_turn& turn() noexcept = 0;
    /// Whether this thread works for the loop at this moment: then it must not wait for what the
    /// loop does.
    [[nodiscard]] virtual bool is_driven_by_this_thread() const noexcept = 0;
    [[nodiscard]] virtual bool is_stopped() const noexcept = 0;
};

}  // namespace ferry::detail
