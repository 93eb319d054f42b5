// One peer: bounded queues both ways, high-water marks, and "the reader was asleep".
#include "patterns/pipe.hpp"

#include <deque>

#include <ferry/detail/message_access.hpp>

#include "patterns/credit.hpp"
#include "patterns/spsc_queue.hpp"

namespace ferry::patterns
{

using detail::message_access;
using detail::message_role;

namespace
{

bool is_data(const message& m) noexcept
{
    return message_access::role(m) == message_role::data;
}

/// One direction of a conflating pipe: the newest data message, and every subscription record.
class newest_only
{
public:
    /// The message that `m` replaces, if any, is moved into `replaced`.
    void write(message&& m, message& replaced)
    {
        const std::lock_guard guard(guard_);
        if (!is_data(m))
            return records_.push_back(std::move(m));
        if (fresh_)
            replaced = std::move(newest_);
        newest_ = std::move(m);
        fresh_ = true;
    }
    [[nodiscard]] bool publish() noexcept
    {
        const std::lock_guard guard(guard_);
        return count() != 0 && std::exchange(asleep_, false);
    }
    [[nodiscard]] bool read(message& m) noexcept
    {
        const std::lock_guard guard(guard_);
        asleep_ = count() == 0;
        if (asleep_)
            return false;
        if (records_.empty())
        {
            m = std::move(newest_);
            fresh_ = false;
            return true;
        }
        m = std::move(records_.front());
        records_.pop_front();
        return true;
    }
    [[nodiscard]] bool sleep() noexcept
    {
        const std::lock_guard guard(guard_);
        return asleep_ = count() == 0;
    }
    [[nodiscard]] std::size_t size() const noexcept
    {
        const std::lock_guard guard(guard_);
        return count();
    }
    [[nodiscard]] bool is_fresh() const noexcept
    {
        const std::lock_guard guard(guard_);
        return fresh_;
    }

private:
    [[nodiscard]] std::size_t count() const noexcept { return records_.size() + (fresh_ ? 1 : 0); }

    mutable std::mutex guard_;
    message newest_;
    std::deque<message> records_;
    bool fresh_ = false;
    bool asleep_ = true;
};

}  // namespace

/// One direction. `newest` stands in for queue and room where the pipe conflates.
class pipe_channel
{
public:
    pipe_channel(std::size_t hwm, bool conflate)
        : room(hwm), newest(conflate ? std::make_unique<newest_only>() : nullptr)
    {
    }

    spsc_queue<message> queue;
    credit room;
    const std::unique_ptr<newest_only> newest;
    message replaced;  // the writer's
};

struct pipe_core : std::enable_shared_from_this<pipe_core>
{
    explicit pipe_core(const pipe_options& options)
        : a_to_b(options.a_to_b_hwm, options.conflate),
          b_to_a(options.b_to_a_hwm, options.conflate), a(*this, b, a_to_b, b_to_a),
          b(*this, a, b_to_a, a_to_b)
    {
    }

    pipe_channel a_to_b;
    pipe_channel b_to_a;
    pipe_end a;
    pipe_end b;
};

pipe_pair make_pipe(const pipe_options& options)
{
    const auto core = std::make_shared<pipe_core>(options);
    return {core->a.shared(), core->b.shared()};
}

// --- wake_list -------------------------------------------------------------------------------

void wake_list::add(std::shared_ptr<pipe_end> end, reason why)
{
    entries_.push_back({std::move(end), why});
}

void wake_list::run() noexcept
{
    std::vector<entry> told;
    told.swap(entries_);
    for (const entry& each : told)
    {
        const std::shared_ptr<pipe_owner> owner = each.end->owner();
        if (owner == nullptr)
            continue;
        switch (each.why)
        {
        case reason::readable: owner->on_readable(*each.end); break;
        case reason::writable: owner->on_writable(*each.end); break;
        case reason::closed: owner->on_peer_closed(*each.end); break;
        }
    }
    told.clear();
    if (entries_.empty())
        entries_.swap(told);  // keeps the memory for the next time
}

// --- pipe_end --------------------------------------------------------------------------------

pipe_end::pipe_end(pipe_core& core, pipe_end& other, pipe_channel& out, pipe_channel& in) noexcept
    : core_(core), other_(other), out_(out), in_(in)
{
}

void pipe_end::set_owner(std::weak_ptr<pipe_owner> owner) noexcept
{
    const std::lock_guard guard(owner_guard_);
    owner_.swap(owner);
}

std::shared_ptr<pipe_owner> pipe_end::owner() const noexcept
{
    const std::lock_guard guard(owner_guard_);
    return owner_.lock();
}

std::shared_ptr<pipe_end> pipe_end::shared() noexcept
{
    return {core_.shared_from_this(), this};
}

bool pipe_end::can_write() noexcept
{
    if (is_closed() || peer_is_closed())
        return false;
    return out_.newest != nullptr || out_.room.has_room();
}

void pipe_end::write(message&& m)
{
    if (is_closed())
    {
        const message gone(std::move(m));
        return;
    }
    const bool data = is_data(m);
    if (!data)
        message_access::set_generation(m, generation_);
    if (out_.newest != nullptr)
    {
        out_.replaced = message();
        return out_.newest->write(std::move(m), out_.replaced);
    }
    out_.queue.push(std::move(m));
    if (data)
        out_.room.wrote();
}

void pipe_end::publish(wake_list& wakes)
{
    if (is_closed())
        return;
    if (out_.newest != nullptr ? out_.newest->publish() : out_.queue.publish())
        wakes.add(other_.shared(), wake_list::reason::readable);
}

std::size_t pipe_end::unread_by_peer() const noexcept
{
    if (out_.newest != nullptr)
        return out_.newest->is_fresh() ? 1 : 0;
    return out_.room.unread();
}

bool pipe_end::conflates() const noexcept
{
    return out_.newest != nullptr;
}

bool pipe_end::take_replaced(message& m) noexcept
{
    if (out_.replaced.empty())
        return false;
    m = std::move(out_.replaced);
    return true;
}

bool pipe_end::read(message& m, wake_list& wakes)
{
    if (is_closed())
        return false;
    if (in_.newest != nullptr)
    {
        if (!in_.newest->read(m))
            return false;
    }
    else
    {
        if (!in_.queue.pop(m) && (in_.queue.sleep() || !in_.queue.pop(m)))
            return false;
        bool waited = is_data(m) && in_.room.did_read();
        if (in_.queue.is_drained() && in_.room.did_drain())
            waited = true;
        if (waited)
            wakes.add(other_.shared(), wake_list::reason::writable);
    }
    if (is_data(m))
        message_access::set_peer(m, peer_);
    return true;
}

bool pipe_end::can_read() noexcept
{
    if (is_closed())
        return false;
    if (in_.newest != nullptr)
        return !in_.newest->sleep();
    return !in_.queue.is_drained() || !in_.queue.sleep();
}

std::size_t pipe_end::unread() const noexcept
{
    if (is_closed())
        return 0;
    return in_.newest != nullptr ? in_.newest->size() : in_.queue.size();
}

void pipe_end::close(wake_list& wakes)
{
    if (!closed_.exchange(true) && !other_.closed_.load())
        wakes.add(other_.shared(), wake_list::reason::closed);
}

bool pipe_end::is_closed() const noexcept
{
    return closed_.load(std::memory_order_relaxed);
}

bool pipe_end::peer_is_closed() const noexcept
{
    return other_.closed_.load(std::memory_order_acquire);
}

void pipe_end::set_send_hwm(std::size_t hwm) noexcept
{
    out_.room.set_hwm(hwm);
}

void pipe_end::set_receive_hwm(std::size_t hwm, wake_list& wakes)
{
    in_.room.set_hwm(hwm);
    wakes.add(other_.shared(), wake_list::reason::writable);
}

}  // namespace ferry::patterns
