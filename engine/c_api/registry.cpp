#include "engine/c_api/registry.hpp"

#include <cerrno>
#include <utility>

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ferry::c_api
{

constinit thread_local thread_record* this_threads_record [[gnu::tls_model("initial-exec")]] =
    nullptr;

namespace
{

// --- every processor's writes, seen from the one that asks ------------------------------------------

bool ask_for_barriers() noexcept
{
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

// Without it, every use is counted in its slot.
bool has_barriers() noexcept
{
    static const bool has = ask_for_barriers();
    return has;
}

void barrier_of_all_threads() noexcept
{
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (has_barriers())
        syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

// --- what each thread writes down --------------------------------------------------------------------

// Records are never freed: a thread that ends leaves its own to the next one.
std::atomic<thread_record*> all_records{nullptr};

constinit thread_local bool is_thread_ending [[gnu::tls_model("initial-exec")]] = false;

struct record_return
{
    ~record_return()
    {
        is_thread_ending = true;
        if (thread_record* mine = std::exchange(this_threads_record, nullptr))
            mine->taken.store(false, std::memory_order_release);
    }
};

thread_record* take_record() noexcept
{
    for (thread_record* r = all_records.load(std::memory_order_acquire); r != nullptr; r = r->next)
    {
        bool taken = false;
        if (r->taken.compare_exchange_strong(taken, true, std::memory_order_acquire))
            return r;
    }
    auto* made = new (std::nothrow) thread_record;
    if (made == nullptr)
        return nullptr;
    made->next = all_records.load(std::memory_order_relaxed);
    while (!all_records.compare_exchange_weak(made->next, made, std::memory_order_release))
        ;
    return made;
}

// Gives this thread a record, if it may have one.
void make_record() noexcept
{
    if (this_threads_record != nullptr || is_thread_ending || !has_barriers())
        return;
    thread_local record_return at_end;
    (void)&at_end;
    this_threads_record = take_record();
}

bool is_in_a_record(const registry_slot& slot) noexcept
{
    for (const thread_record* r = all_records.load(std::memory_order_acquire); r != nullptr;
         r = r->next)
    {
        if (r->in_use.load(std::memory_order_acquire) == &slot)
            return true;
    }
    return false;
}

}  // namespace

// --- fork --------------------------------------------------------------------------------------------

namespace
{

std::mutex all_registries;
registry* first_registry = nullptr;

// Of a child: the other threads are not there, and what they wrote down means nothing.
void forget_other_threads() noexcept
{
    if (has_barriers())
        (void)ask_for_barriers();  // not inherited
    for (thread_record* r = all_records.load(); r != nullptr; r = r->next)
    {
        if (r == this_threads_record)
            continue;
        r->in_use.store(nullptr);
        r->taken.store(false);
    }
}

}  // namespace

/// No other thread is inside a registry when the process is copied.
struct fork_handlers
{
    static void before() noexcept
    {
        all_registries.lock();
        for (registry* each = first_registry; each != nullptr; each = each->next_)
            each->mutex_.lock();
    }
    static void after() noexcept
    {
        for (registry* each = first_registry; each != nullptr; each = each->next_)
            each->mutex_.unlock();
        all_registries.unlock();
    }
    static void in_the_child() noexcept
    {
        forget_other_threads();
        for (registry* each = first_registry; each != nullptr; each = each->next_)
            each->inherit();
        after();
    }
};

void registry::list() noexcept
{
    const std::lock_guard lock(all_registries);
    if (first_registry == nullptr)
        (void)pthread_atfork(
            fork_handlers::before, fork_handlers::after, fork_handlers::in_the_child);
    next_ = first_registry;
    first_registry = this;
}

void registry::inherit() noexcept
{
    for (std::size_t c = 0; c < chunk_count_ && in_a_child_ == in_a_child::is_inherited; ++c)
    {
        registry_slot* const slots = chunks_[c].load();
        for (std::size_t i = 0; i < first_chunk << c; ++i)
        {
            if (slots[i].now.load() != registry_slot::state::free)
                slots[i].now.store(registry_slot::state::inherited);
        }
    }
}

bool registry::is_inherited(const void* handle) const noexcept
{
    const registry_slot* const slot = find(handle);
    return slot != nullptr && slot->now.load() == registry_slot::state::inherited;
}

// The slot is not used again: nobody knows what was done to its owner when the process was copied.
bool registry::forget_inherited(const void* handle) noexcept
{
    registry_slot* const slot = find(handle);
    auto was = registry_slot::state::inherited;
    return slot != nullptr && slot->now.compare_exchange_strong(was, registry_slot::state::free);
}

registry_slot& registry::slot_of(void* token) noexcept
{
    auto* at = static_cast<std::byte*>(token);
    return *reinterpret_cast<registry_slot*>(is_counted(token) ? at - 1 : at);
}

registry_slot* registry::find_in_others(const void* handle) const noexcept
{
    const auto address = reinterpret_cast<std::uintptr_t>(handle);
    std::size_t size = first_chunk * sizeof(registry_slot);
    for (const auto& chunk : chunks_)
    {
        registry_slot* const slots = chunk.load(std::memory_order_acquire);
        if (slots == nullptr)
            return nullptr;
        const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(slots);
        if (offset < size)
            return offset % sizeof(registry_slot) == 0 ? slots + offset / sizeof(registry_slot)
                                                       : nullptr;
        size *= 2;
    }
    return nullptr;
}

// The thread has no record yet, or cannot have one, or is in a slot already.
registry::use registry::begin_otherwise(registry_slot& slot) noexcept
{
    make_record();
    if (this_threads_record != nullptr &&
        this_threads_record->in_use.load(std::memory_order_relaxed) == nullptr)
        return begin(slot, *this_threads_record);
    void* const token = reinterpret_cast<std::byte*>(&slot) + 1;
    slot.uses.fetch_add(1, std::memory_order_seq_cst);
    if (slot.now.load(std::memory_order_acquire) == registry_slot::state::open)
        return {slot.target, token};
    end_counted(token);
    return {};
}

void registry::end_counted(void* token) noexcept
{
    registry_slot& slot = slot_of(token);
    slot.uses.fetch_sub(1, std::memory_order_seq_cst);
    if (slot.now.load(std::memory_order_seq_cst) == registry_slot::state::closing)
        try_to_free(slot);
}

bool registry::close(void* token) noexcept
{
    auto was = registry_slot::state::open;
    if (!slot_of(token).now.compare_exchange_strong(
            was, registry_slot::state::closing, std::memory_order_seq_cst))
        return false;
    barrier_of_all_threads();  // who ends a use from here on sees that it is closing
    return true;
}

void registry::try_to_free(registry_slot& slot) noexcept
{
    /// The caller may have said already why it failed.
    struct kept_errno
    {
        int value = errno;
        ~kept_errno() { errno = value; }
    };
    const kept_errno kept;
    std::shared_ptr<void> owner;  // let go of without the lock
    const std::lock_guard lock(slot.home->mutex_);
    if (slot.now.load(std::memory_order_relaxed) != registry_slot::state::closing ||
        slot.uses.load(std::memory_order_seq_cst) != 0 || is_in_a_record(slot))
        return;
    owner = std::move(slot.owner);
    slot.target = nullptr;
    slot.now.store(registry_slot::state::free, std::memory_order_release);
    slot.home->put_back(slot);
}

void registry::add_chunk()
{
    if (chunk_count_ == max_chunks)
        throw std::bad_alloc();
    const std::size_t count = first_chunk << chunk_count_;
    auto slots = std::make_unique<registry_slot[]>(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        slots[i].home = this;
        put_back(slots[i]);
    }
    chunks_[chunk_count_++].store(slots.release(), std::memory_order_release);
}

void registry::put_back(registry_slot& slot) noexcept
{
    slot.next_free = nullptr;
    (first_free_ != nullptr ? last_free_->next_free : first_free_) = &slot;
    last_free_ = &slot;
}

void* registry::add(std::shared_ptr<void> owner, void* target)
{
    (void)has_barriers();
    if (!is_listed_.exchange(true))
        list();
    const std::lock_guard lock(mutex_);
    if (first_free_ == nullptr)
        add_chunk();
    registry_slot* const slot = first_free_;
    first_free_ = slot->next_free;
    slot->owner = std::move(owner);
    slot->target = target;
    slot->now.store(registry_slot::state::open, std::memory_order_release);
    return slot;
}

}  // namespace ferry::c_api
