// What is due at a connection's driver, and what one turn had no time for.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "engine/session_loop.hpp"

namespace ferry::detail
{

/// A driver's work in its loop's turn; it keeps the driver alive while there is some.
///
/// `Driver` is shared_from_this(), and has, for this class alone, its loop_, do_due(unsigned what) and
/// go_on(bool reads, bool writes): called in the turn, noexcept.
template <class Driver>
class turn_share
{
public:
    explicit turn_share(Driver& whose) noexcept : now_(whose), later_(whose) {}

    /// From any thread. The work is done by who has the loop's turn: often this very thread.
    void run_soon(std::uint8_t what) noexcept
    {
        now_.due.fetch_or(what);
        if (now_.queued.exchange(true))
            return;  // and who runs it looks at `due` after it let go of `queued`
        now_.self = now_.whose.shared_from_this();
        now_.whose.loop_.run_soon(now_);
    }
    /// In the turn: goes on when others had their share.
    void read_later() noexcept { go_on_later(later_.reads); }
    void write_later() noexcept { go_on_later(later_.writes); }
    /// Nothing is left for the loop, for ever.
    void abandon() noexcept
    {
        now_.queued.store(true);
        now_.self.reset();
        later_.self.reset();
    }

private:
    struct soon final : turn_task
    {
        explicit soon(Driver& d) noexcept : whose(d) {}
        void run_in_turn() noexcept override
        {
            const std::shared_ptr<Driver> still_there = std::move(self);
            queued.store(false);
            whose.do_due(due.exchange(0));
        }
        Driver& whose;
        std::atomic<std::uint8_t> due{0};
        std::atomic<bool> queued{false};
        std::shared_ptr<Driver> self;  // while it is queued
    };
    struct rest final : turn_task
    {
        explicit rest(Driver& d) noexcept : whose(d) {}
        void run_in_turn() noexcept override
        {
            const std::shared_ptr<Driver> still_there = std::move(self);
            const bool had_to_read = std::exchange(reads, false);
            const bool had_to_write = std::exchange(writes, false);
            whose.go_on(had_to_read, had_to_write);
        }
        Driver& whose;
        std::shared_ptr<Driver> self;  // while it is queued
        bool reads = false;
        bool writes = false;
    };

    void go_on_later(bool& what) noexcept
    {
        what = true;
        if (later_.self)
            return;
        later_.self = later_.whose.shared_from_this();
        later_.whose.loop_.go_on(later_);
    }

    soon now_;
    rest later_;
};

}  // namespace ferry::detail
