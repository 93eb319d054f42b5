// Which handles stand for something now, and who is using it: what keeps wrong handles from doing harm.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>

namespace ferry::c_api
{

class registry;
struct registry_slot;

/// What a thread writes down: which slot it is in.
struct thread_record
{
    std::atomic<registry_slot*> in_use{nullptr};
    std::atomic<bool> taken{true};
    thread_record* next = nullptr;
};
extern constinit thread_local thread_record* this_threads_record [[gnu::tls_model("initial-exec")]];

/// A place for one object. Never freed, so that any address once given out may be looked at; an address is
/// given out again only after all other free ones.
struct alignas(64) registry_slot
{
    enum class state : std::uint8_t
    {
        free,
        open,
        closing,    ///< no use begins any more; the last one that ends frees it
        inherited,  ///< it was in use in the process that this one was forked from
    };
    std::atomic<state> now{state::free};
    std::atomic<std::uint32_t> uses{0};  ///< beside those in threads' own records
    void* target = nullptr;
    std::shared_ptr<void> owner;
    registry* home = nullptr;
    registry_slot* next_free = nullptr;
};

/// Handles are the addresses of slots. A use costs no atomic read-modify-write: a thread writes down which slot it is
/// in, and who closes one waits for all processors to have written down theirs (membarrier) before it looks.
class registry
{
public:
    /// What the handles stand for in a child made by fork: memory is its own, threads it has none of.
    enum class in_a_child : std::uint8_t
    {
        goes_on,
        is_inherited,
    };
    constexpr explicit registry(in_a_child what = in_a_child::goes_on) noexcept : in_a_child_(what)
    {
    }

    /// The handle of `target`, which `owner` owns. Errors: std::bad_alloc.
    [[nodiscard]] void* add(std::shared_ptr<void> owner, void* target);

    /// A begun use; `target` is null when the handle stands for nothing.
    struct use
    {
        void* target = nullptr;
        void* token = nullptr;  ///< for end()
    };
    [[nodiscard]] use begin(const void* handle) noexcept
    {
        registry_slot* const slot = find(handle);
        if (slot == nullptr) [[unlikely]]
            return {};
        thread_record* const mine = this_threads_record;
        if (mine == nullptr || mine->in_use.load(std::memory_order_relaxed) != nullptr) [[unlikely]]
            return begin_otherwise(*slot);
        return begin(*slot, *mine);
    }
    static void end(void* token) noexcept
    {
        if (is_counted(token)) [[unlikely]]
            return end_counted(token);
        auto& slot = *static_cast<registry_slot*>(token);
        this_threads_record->in_use.store(nullptr, std::memory_order_release);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (slot.now.load(std::memory_order_relaxed) == registry_slot::state::closing) [[unlikely]]
            try_to_free(slot);
    }

    /// From now on the handle stands for nothing; its object goes when the last use of it has ended. False when it is
    /// closed already. Of a token whose use goes on.
    static bool close(void* token) noexcept;

    /// Whether it stood for something in the process that this one was forked from.
    [[nodiscard]] bool is_inherited(const void* handle) const noexcept;
    /// Then it stands for nothing from now on; what it stood for is left as it is. False when it did not.
    bool forget_inherited(const void* handle) noexcept;

private:
    friend struct fork_handlers;
    static constexpr std::size_t first_chunk = 256;  // slots; each further chunk has twice as many
    static constexpr std::size_t max_chunks = 20;

    // A token is the slot's address; odd when the use is counted there.
    [[nodiscard]] static bool is_counted(const void* token) noexcept
    {
        return (reinterpret_cast<std::uintptr_t>(token) & 1) != 0;
    }
    [[nodiscard]] static registry_slot& slot_of(void* token) noexcept;
    [[nodiscard]] registry_slot* find(const void* handle) const noexcept
    {
        registry_slot* const first = chunks_[0].load(std::memory_order_acquire);
        const std::uintptr_t offset =
            reinterpret_cast<std::uintptr_t>(handle) - reinterpret_cast<std::uintptr_t>(first);
        if (first == nullptr || offset >= first_chunk * sizeof(registry_slot)) [[unlikely]]
            return find_in_others(handle);
        return offset % sizeof(registry_slot) == 0 ? first + offset / sizeof(registry_slot)
                                                   : nullptr;
    }
    [[nodiscard]] registry_slot* find_in_others(const void* handle) const noexcept;
    [[nodiscard]] static use begin(registry_slot& slot, thread_record& mine) noexcept
    {
        mine.in_use.store(&slot, std::memory_order_relaxed);
        std::atomic_signal_fence(std::memory_order_seq_cst);
        if (slot.now.load(std::memory_order_acquire) == registry_slot::state::open) [[likely]]
            return {slot.target, &slot};
        end(&slot);
        return {};
    }
    [[nodiscard]] static use begin_otherwise(registry_slot& slot) noexcept;
    static void end_counted(void* token) noexcept;
    static void try_to_free(registry_slot& slot) noexcept;
    void add_chunk();
    void list() noexcept;
    void inherit() noexcept;
    void put_back(registry_slot& slot) noexcept;

    std::array<std::atomic<registry_slot*>, max_chunks> chunks_{};
    const in_a_child in_a_child_;
    std::atomic<bool> is_listed_{false};
    std::mutex mutex_;
    registry* next_ = nullptr;  // in the list of all that have handles
    std::size_t chunk_count_ = 0;
    registry_slot* first_free_ = nullptr;
    registry_slot* last_free_ = nullptr;
};

}  // namespace ferry::c_api
