// Pipes in an array, each of which knows its place: found, swapped and taken out in constant time.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "patterns/pipe.hpp"

namespace ferry::patterns
{

/// `Slot` is where a pipe keeps its place; one array per slot and pipe. Entries derive from
/// nothing: an Entry has a member `std::shared_ptr<pipe_end> pipe`.
template <class Entry, pipe_end::routing_slots::place pipe_end::routing_slots::*Slot>
class pipe_array
{
public:
    using place = pipe_end::routing_slots::place;

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool contains(const pipe_end& pipe) const noexcept
    {
        const std::size_t place = pipe.slots.*Slot;
        return place < entries_.size() && entries_[place].pipe.get() == &pipe;
    }
    /// Of a pipe that is contained.
    [[nodiscard]] std::size_t place_of(const pipe_end& pipe) const noexcept
    {
        return pipe.slots.*Slot;
    }
    [[nodiscard]] Entry& operator[](std::size_t place) noexcept { return entries_[place]; }
    [[nodiscard]] const Entry& operator[](std::size_t place) const noexcept
    {
        return entries_[place];
    }
    [[nodiscard]] auto begin() const noexcept { return entries_.begin(); }
    [[nodiscard]] auto end() const noexcept { return entries_.end(); }

    void push_back(Entry entry)
    {
        entries_.push_back(std::move(entry));
        entries_.back().pipe.get()->slots.*Slot = static_cast<place>(entries_.size() - 1);
    }
    void swap(std::size_t a, std::size_t b) noexcept
    {
        if (a == b)
            return;
        std::swap(entries_[a], entries_[b]);
        entries_[a].pipe.get()->slots.*Slot = static_cast<place>(a);
        entries_[b].pipe.get()->slots.*Slot = static_cast<place>(b);
    }
    Entry pop_back() noexcept
    {
        Entry last = std::move(entries_.back());
        entries_.pop_back();
        last.pipe.get()->slots.*Slot = pipe_end::routing_slots::none;
        return last;
    }

private:
    std::vector<Entry> entries_;
};

/// An array whose first `active()` pipes take turns: the one at the cursor is next.
template <class Entry, pipe_end::routing_slots::place pipe_end::routing_slots::*Slot>
class turn_array
{
public:
    [[nodiscard]] bool contains(const pipe_end& pipe) const noexcept
    {
        return pipes_.contains(pipe);
    }
    [[nodiscard]] Entry& operator[](const pipe_end& pipe) noexcept
    {
        return pipes_[pipes_.place_of(pipe)];
    }
    [[nodiscard]] std::size_t active() const noexcept { return active_; }
    [[nodiscard]] std::size_t size() const noexcept { return pipes_.size(); }
    /// Of a turn_array with an active pipe.
    [[nodiscard]] Entry& current() noexcept { return pipes_[cursor_]; }
    void advance() noexcept { cursor_ = cursor_ + 1 < active_ ? cursor_ + 1 : 0; }

    /// At the end of the active ones.
    void add(Entry entry)
    {
        const pipe_end& pipe = *entry.pipe;
        pipes_.push_back(std::move(entry));
        activate(pipe);
    }
    void activate(const pipe_end& pipe) noexcept
    {
        const std::size_t place = pipes_.place_of(pipe);
        if (place >= active_)
            pipes_.swap(place, active_++);
    }
    /// The last active pipe takes its place.
    void deactivate(const pipe_end& pipe) noexcept
    {
        const std::size_t place = pipes_.place_of(pipe);
        if (place >= active_)
            return;
        pipes_.swap(place, --active_);
        if (cursor_ == active_)
            cursor_ = 0;
    }
    Entry remove(const pipe_end& pipe) noexcept
    {
        deactivate(pipe);
        pipes_.swap(pipes_.place_of(pipe), pipes_.size() - 1);
        return pipes_.pop_back();
    }

private:
    pipe_array<Entry, Slot> pipes_;
    std::size_t active_ = 0;
    std::size_t cursor_ = 0;
};

}  // namespace ferry::patterns
