// Where outgoing octets are copied to: chunks filled in turn, given back in the same order, used again.
#include "protocol/octet_arena.hpp"

#include <utility>

namespace ferry::protocol
{

void octet_arena::give_back(std::size_t size) noexcept
{
    while (size != 0)
    {
        chunk& first = chunks_.front();
        const std::size_t part = std::min(size, first.taken - first.given_back);
        first.given_back += part;
        size -= part;
        if (first.given_back != first.taken)
            return;
        if (current_ != 0)
        {
            retire_first();
            continue;
        }
        room_ += std::exchange(first.taken, 0);
        first.given_back = 0;
        return on_empty();
    }
}

void octet_arena::add_room(std::size_t size)
{
    while (room_ < size)
    {
        const std::size_t capacity =
            chunks_.empty() && size <= small_chunk ? small_chunk : large_chunk;
        chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(capacity), capacity});
        room_ += capacity;
    }
}

// A chunk that was filled and given back goes behind the others, unless there are enough of them.
void octet_arena::retire_first() noexcept
{
    chunk done = std::move(chunks_.front());
    chunks_.erase(chunks_.begin());
    --current_;
    const std::size_t spare = chunks_.size() - 1 - current_;
    if (done.capacity == small_chunk || spare >= max_spare_chunks)
        return;
    done.taken = 0;
    done.given_back = 0;
    room_ += done.capacity;
    chunks_.push_back(std::move(done));  // where one was erased: there is room
}

void octet_arena::on_empty() noexcept
{
    fullest_ = std::max(fullest_, std::exchange(filling_, 0));
    if (++fillings_ < fillings_per_review)
        return;
    fillings_ = 0;
    const std::size_t needed = std::exchange(fullest_, 0);
    if (needed > small_chunk)
        keep((needed + large_chunk - 1) / large_chunk);
    else if (chunks_.front().capacity != small_chunk)
        keep(0);
    else
        keep(1);
}

void octet_arena::keep(std::size_t count) noexcept
{
    while (chunks_.size() > count)
    {
        room_ -= chunks_.back().capacity;
        chunks_.pop_back();
    }
}

void octet_arena::shrink() noexcept
{
    const bool is_empty = chunks_.empty() || (current_ == 0 && chunks_.front().taken == 0);
    keep(is_empty ? 0 : current_ + 1);
    if (is_empty)
        std::vector<chunk>().swap(chunks_);
}

std::size_t octet_arena::capacity() const noexcept
{
    std::size_t sum = 0;
    for (const chunk& each : chunks_)
        sum += each.capacity;
    return sum;
}

}  // namespace ferry::protocol
