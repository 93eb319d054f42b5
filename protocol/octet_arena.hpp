// Where outgoing octets are copied to: chunks filled in turn, given back in the same order, used again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace ferry::protocol
{

/// A queue of octets that never moves what it holds. In steady state nothing is allocated.
///
/// Every sixteenth time that it runs empty it frees what none of the last sixteen fillings needed:
/// a connection that was busy and has little to say now ends up with two kibibytes.
class octet_arena
{
public:
    /// Makes sure that `size` octets can be taken without an allocation. Errors: std::bad_alloc.
    void reserve(std::size_t size)
    {
        if (room_ < size)
            add_room(size);
    }
    /// The next octets, from what was reserved: `size` of them, or fewer, where a chunk ends. At
    /// least one. Stays in place until given back.
    [[nodiscard]] std::span<std::byte> take(std::size_t size) noexcept
    {
        if (chunks_[current_].room() == 0)
            ++current_;
        chunk& from = chunks_[current_];
        const std::span taken(from.octets.get() + from.taken, std::min(size, from.room()));
        from.taken += taken.size();
        room_ -= taken.size();
        filling_ += taken.size();
        return taken;
    }
    /// The room right behind the octets taken last, or for the first ones; empty if there is none.
    /// Octets written to it are taken by extend().
    [[nodiscard]] std::span<std::byte> continuation() noexcept
    {
        if (room_ == 0)
            return {};
        const chunk& last = chunks_[current_];
        return {last.octets.get() + last.taken, last.room()};
    }
    void extend(std::size_t size) noexcept
    {
        chunks_[current_].taken += size;
        room_ -= size;
        filling_ += size;
    }
    /// The oldest `size` octets taken are not needed any more.
    void give_back(std::size_t size) noexcept;
    /// Frees all memory that holds nothing.
    void shrink() noexcept;
    /// The memory held, used or not.
    [[nodiscard]] std::size_t capacity() const noexcept;

private:
    struct chunk
    {
        std::unique_ptr<std::byte[]> octets;
        std::size_t capacity = 0;
        std::size_t taken = 0;
        std::size_t given_back = 0;

        [[nodiscard]] std::size_t room() const noexcept { return capacity - taken; }
    };
    static constexpr std::size_t small_chunk = 2 * 1024;
    static constexpr std::size_t large_chunk = 64 * 1024;
    static constexpr std::size_t max_spare_chunks = 4;
    static constexpr unsigned fillings_per_review = 16;

    void add_room(std::size_t size);
    void retire_first() noexcept;
    void on_empty() noexcept;
    void keep(std::size_t count) noexcept;

    std::vector<chunk> chunks_;  // full ones, the one being filled at current_, and empty ones
    std::size_t current_ = 0;
    std::size_t room_ = 0;     // in chunks_[current_] and those behind it
    std::size_t filling_ = 0;  // octets taken since the arena was last empty,
    std::size_t fullest_ = 0;  // the most of them in any filling since the last review,
    unsigned fillings_ = 0;    // and the number of those fillings
};

}  // namespace ferry::protocol
