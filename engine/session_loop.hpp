// What a session wants of the loop it lives on.
#pragma once

#include <cstddef>
#include <memory>

#include "engine/loop_turn.hpp"
#include "engine/read_buffer.hpp"

namespace ferry::detail
{

class flood_watch;

/// Read buffers lent to the sessions of one loop, so that an idle session holds none. Used on the
/// loop only.
class read_buffers
{
public:
    static constexpr std::size_t size_octets = std::size_t{128} * 1024;
    using buffer = read_buffer;

    /// Nobody else refers to it. Errors: std::bad_alloc.
    [[nodiscard]] buffer take()
    {
        return spare_.is_unique() ? std::move(spare_) : buffer::make(size_octets);
    }
    /// Also while runs of messages refer to it.
    void give_back(buffer b) noexcept
    {
        if (!spare_.is_unique())
            spare_ = std::move(b);
    }

private:
    buffer spare_;
};

/// A loop, as its sessions know it.
class session_loop
{
public:
    [[nodiscard]] virtual read_buffers& buffers() noexcept = 0;
    /// Runs the task on the loop: before it returns, where the caller may do the loop's work, or
    /// soon. Any thread.
    virtual void run_soon(turn_task& task) noexcept = 0;
    /// Runs the task again when others had their share. In the turn.
    virtual void go_on(turn_task& task) noexcept = 0;
    /// In the turn, by a session that is read although nobody waits for messages: whoever else has
    /// octets is read as well, so that a flood from one peer does not starve the others.
    virtual void serve_others() noexcept = 0;
    /// In the turn: a session waits until its stream takes more (1), or waits no longer (-1).
    virtual void count_blocked(int change) noexcept = 0;
    /// Who looks after sessions in a flood; null where nobody does.
    [[nodiscard]] virtual flood_watch* floods() noexcept = 0;

protected:
    ~session_loop() = default;
};

}  // namespace ferry::detail
