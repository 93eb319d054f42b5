// Tested by tests/unit/protocol/body_pool_test.cpp.
#include <ferry/detail/thread_cache.hpp>

#include <new>
#include <utility>

namespace ferry::detail
{

namespace
{

constinit thread_cache nothing;

constinit thread_local bool is_over = false;

/// Gives back what the thread kept, at its end.
struct thread_end
{
    ~thread_end()
    {
        is_over = true;
        thread_cache* last = std::exchange(this_thread, &nothing);
        empty_peers(*last);
        empty_blocks(*last);
        delete last;
    }
};

}  // namespace

constinit thread_local thread_cache* this_thread = &nothing;

thread_cache* own_thread_cache() noexcept
{
    if (this_thread != &nothing)
        return this_thread;
    if (is_over)
        return nullptr;
    auto* fresh = new (std::nothrow) thread_cache;
    if (fresh == nullptr)
        return nullptr;
    thread_local thread_end end;
    static_cast<void>(&end);
    return this_thread = fresh;
}

}  // namespace ferry::detail
