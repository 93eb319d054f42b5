#include "engine/process_barrier.hpp"

#if defined(__SANITIZE_THREAD__)
#define FERRY_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FERRY_THREAD_SANITIZER 1
#endif
#endif

#if defined(__linux__) && !defined(FERRY_THREAD_SANITIZER)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#endif

namespace ferry::detail
{

// ThreadSanitizer does not know this barrier, and would see races where there are none.
#if defined(__linux__) && !defined(FERRY_THREAD_SANITIZER)

namespace
{

bool ask(int command) noexcept
{
    return ::syscall(SYS_membarrier, command, 0, 0) == 0;
}

}  // namespace

bool has_process_barrier() noexcept
{
    static const bool registered = ask(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
    return registered;
}

void process_barrier() noexcept
{
    if (ask(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
        return;
    // A child made by fork has to register anew.
    if (ask(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) && ask(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
        return;
    // Forbidden meanwhile: no processor keeps a store to itself for that long.
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

#else

bool has_process_barrier() noexcept
{
    return false;
}

void process_barrier() noexcept {}

#endif

}  // namespace ferry::detail
