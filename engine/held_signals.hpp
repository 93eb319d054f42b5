// Signal handlers that become due while a waiting thread works for its loop: none runs unnoticed.
#pragma once

#include <csignal>

namespace ferry::detail
{

/// A handler that runs while a thread sleeps ends its sleep, with EINTR. One that runs while the thread serves others,
/// before it sleeps again, would leave no trace. So handlers are held meanwhile, and the thread looks whether one
/// is due. Signals that the thread itself causes (SIGSEGV, ...) are never held.
///
/// Thread safety: of one thread. See docs/decisions/0006-who-drives-a-loop.md.
class held_signals
{
public:
    held_signals() noexcept = default;
    held_signals(const held_signals&) = delete;
    held_signals& operator=(const held_signals&) = delete;
    /// Lets them go: handlers that are due run.
    ~held_signals();

    /// From now on handlers wait. Idempotent.
    void hold() noexcept;
    /// The mask to sleep with, so that handlers run then; null where none are held.
    [[nodiscard]] const sigset_t* mask() const noexcept { return is_holding_ ? &before_ : nullptr; }
    /// True when a handler was due: then it has run, and nothing is held any more.
    [[nodiscard]] bool run_due() noexcept;

private:
    void release() noexcept;

    sigset_t before_{};
    bool is_holding_ = false;
};

}  // namespace ferry::detail
