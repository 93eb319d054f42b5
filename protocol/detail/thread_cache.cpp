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
        if (last == &nothing)
            return;
        empty_peers(*last);
        empty_blocks(*last);
        delete last;
    }
};

void prepare_end() noexcept
{
    thread_local thread_end end;
    static_cast<void>(&end);
}

}  // namespace

constinit thread_local thread_cache* this_thread = &nothing;

thread_cache* own_thread_cache() noexcept
{
    if (this_thread != &nothing)
        return this_thread;
    if (is_over)
        return nullptr;
    prepare_end();
    auto* fresh = new (std::nothrow) thread_cache;
    if (fresh != nullptr)
        this_thread = fresh;
    return fresh;
}

}  // namespace ferry::detail
