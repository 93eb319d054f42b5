// Who may touch the sessions of a loop: one thread at a time, and nobody waits for it.
#pragma once

#include <atomic>
#include <utility>

namespace ferry::detail
{

/// Something to be done by whoever has the turn. In at most one turn's list at a time.
class turn_task
{
public:
    turn_task() noexcept = default;
    turn_task(const turn_task&) = delete;
    turn_task& operator=(const turn_task&) = delete;

    /// Called with the turn, once for each time it was added. May destroy the task.
    virtual void run_in_turn() noexcept = 0;
    /// Called instead when nobody will ever have the turn again. May destroy the task.
    virtual void drop() noexcept {}

protected:
    ~turn_task() = default;

private:
    friend class loop_turn;
    turn_task* next_ = nullptr;
};

/// Who goes on with the tasks when one thread has done enough of other threads' work.
class turn_relief
{
public:
    /// Tasks were left although nobody has the turn: some other thread shall take it soon.
    virtual void relieve() noexcept = 0;

protected:
    ~turn_relief() = default;
};

/// A lock whose holder does the work of those who come while it is held: they leave a task and go
/// on. Letting go and adding are ordered so that no task is left behind: who adds one tries to
/// take the turn afterwards, and who lets go looks for tasks afterwards.
///
/// Thread safety: any thread. Tested step by step in tests/unit/engine/loop_turn_test.cpp.
class loop_turn
{
public:
    explicit loop_turn(turn_relief& relief) noexcept : relief_(relief) {}
    loop_turn(const loop_turn&) = delete;
    loop_turn& operator=(const loop_turn&) = delete;

    /// Whether this thread has the turn.
    [[nodiscard]] bool is_mine() const noexcept;
    /// False when another thread has it, or this one.
    [[nodiscard]] bool try_take() noexcept;
    /// Waits for it, for the short time that others have it. Not for who has it already.
    void take() noexcept;
    /// Runs what was added meanwhile, and lets go. Others' work without end is not done here: after
    /// a few rounds the relief goes on with it.
    void give_back() noexcept;
    /// Runs what was added so far. By who has the turn.
    void run_tasks() noexcept;

    /// Leaves a task to be run in the turn: here and now when nobody has it, else by who has it.
    void add(turn_task& task) noexcept
    {
        push(task);
        if (try_take())
            give_back();
    }
    /// A task that wants to go on when others had their share. By who has the turn.
    void go_on(turn_task& task) noexcept;

    // --- for a thread that takes the turn again and again, and looks after others in between -----
    /// As take(). What wants to go on is this thread's from now on: it is run here, once, after
    /// `first`, and not by others who have the turn meanwhile. True if something is left: then this
    /// thread comes again soon, or somebody says release_rest().
    template <class First>
    [[nodiscard]] bool take_for(First first) noexcept
    {
        is_awaited_.store(true, std::memory_order_relaxed);
        take();
        is_awaited_.store(false, std::memory_order_relaxed);
        runs_rest_ = true;
        turn_task* const rest = std::exchange(rest_, nullptr);
        first();
        run_list(rest);
        return finish();
    }
    /// Whether something is left. Any thread; certain for the one that left it, and those after it.
    [[nodiscard]] bool has_rest() const noexcept
    {
        return has_rest_.load(std::memory_order_seq_cst);
    }
    /// Whoever has the turn next runs what is left. True if there is something: the caller sees to it
    /// that somebody takes the turn soon. Any thread.
    [[nodiscard]] bool release_rest() noexcept
    {
        rest_is_free_.store(true, std::memory_order_seq_cst);
        return has_rest();
    }

    /// Forgets all tasks. While no thread has the turn or adds to it.
    void drop_tasks() noexcept;

    /// Leaves a task for later, by who has the turn next.
    void push(turn_task& task) noexcept;

private:
    void let_go() noexcept;
    bool finish() noexcept;
    static void run_list(turn_task* newest) noexcept;

    turn_relief& relief_;
    std::atomic<bool> taken_{false};
    std::atomic<const void*> owner_{nullptr};
    std::atomic<turn_task*> tasks_{nullptr};  // the newest first

    // What wants to go on; touched in the turn only.
    turn_task* rest_ = nullptr;
    bool runs_rest_ = false;               // the holder will come again for it
    std::atomic<bool> is_awaited_{false};  // by a thread that will run it
    std::atomic<bool> has_rest_{false};
    std::atomic<bool> rest_is_free_{false};
};

}  // namespace ferry::detail
