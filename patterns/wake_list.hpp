// Who is told what the other end of a pipe did, and when: after the lock is gone.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace ferry::patterns
{

class pipe_end;

/// Who is told what the other end of a pipe did. Called with no lock held, from whatever thread
/// did it; the callee takes its own lock or hops to its own strand. It is kept alive for the
/// length of the call; the call may come after set_owner() named another or nobody, and after
/// the pipe was given up: the callee looks whether it still cares.
class pipe_owner
{
public:
    /// Messages wait, and this end's reader had gone to sleep, or watches and is to look soon.
    virtual void on_readable(pipe_end& end) noexcept = 0;
    /// There is room again, and this end's writer had been refused.
    virtual void on_writable(pipe_end& end) noexcept = 0;
    /// The other end is closed: no more room, and no more input than what is queued.
    virtual void on_peer_closed(pipe_end& end) noexcept = 0;
    /// Returns when no write to `end` (can_write() to publish()) that began before the call is
    /// still under way, and the end has forgotten its run: pipe_end::forget_run(). An owner that
    /// writes under a lock takes it for that and lets it go. Called by the other end's owner, under
    /// its lock.
    virtual void finish_writing(pipe_end& end) noexcept = 0;

protected:
    ~pipe_owner() = default;
};

/// The owners to be told, collected under a lock and run after it is gone.
class wake_list
{
public:
    enum class reason : std::uint8_t
    {
        readable,
        writable,
        closed,
    };
    /// Keeps the pipe alive until run() or clear().
    void add(std::shared_ptr<pipe_end> end, reason why);
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    void swap(wake_list& other) noexcept { entries_.swap(other.entries_); }
    void clear() noexcept { entries_.clear(); }
    /// Tells every owner, once each and in order, and empties the list.
    void run() noexcept;

private:
    struct entry
    {
        std::shared_ptr<pipe_end> end;
        reason why;
    };
    std::vector<entry> entries_;
};

}  // namespace ferry::patterns
