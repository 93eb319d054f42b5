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

/// A place for one object. Never freed, so that any address once given out may be looked at; an address is
/// given out again only after all other free ones.
struct alignas(64) registry_slot
{
    enum class state : std::uint8_t
    {
        free,
        open,
        closing,  ///< no use begins any more; the last one that ends frees it
    };
    std::atomic<state> now{state::free};
    std::atomic<std::uint32_t> uses{0};  ///< beside those in threads' own records
    void* target = nullptr;
    std::shared_ptr<void> owner;
    class registry* home = nullptr;
    registry_slot* next_free = nullptr;
};

/// Handles are the addresses of slots. A use costs no atomic read-modify-write: a thread writes down which slot it is
/// in, and who closes one waits for all processors to have written down theirs (membarrier) before it looks.
class registry
{
public:
    /// The handle of `target`, which `owner` owns. Errors: std::bad_alloc.
    [[nodiscard]] void* add(std::shared_ptr<void> owner, void* target);

    /// A begun use; `target` is null when the handle stands for nothing.
    struct use
    {
        void* target = nullptr;
        void* token = nullptr;  ///< for end()
    };
    [[nodiscard]] use begin(const void* handle) noexcept;
    static void end(void* token) noexcept;

    /// From now on the handle stands for nothing; its object goes when the last use of it has ended. False when it is
    /// closed already. Of a token whose use goes on.
    static bool close(void* token) noexcept;

private:
    static constexpr std::size_t first_chunk = 256;  // slots; each further chunk has twice as many
    static constexpr std::size_t max_chunks = 20;

    static void try_to_free(registry_slot& slot) noexcept;
    [[nodiscard]] registry_slot* find(const void* handle) const noexcept;
    void add_chunk();
    void put_back(registry_slot& slot) noexcept;

    std::array<std::atomic<registry_slot*>, max_chunks> chunks_{};
    std::mutex mutex_;
    std::size_t chunk_count_ = 0;
    registry_slot* first_free_ = nullptr;
    registry_slot* last_free_ = nullptr;
};

}  // namespace ferry::c_api
