// Who is told what the other end of a pipe did, and when: after the lock is gone.
#include "patterns/wake_list.hpp"

#include <utility>

#include "patterns/pipe.hpp"

namespace ferry::patterns
{

void wake_list::add(std::shared_ptr<pipe_end> end, reason why)
{
    entries_.push_back({std::move(end), why});
}

void wake_list::run() noexcept
{
    std::vector<entry> told;
    told.swap(entries_);
    for (const entry& each : told)
    {
        const std::shared_ptr<pipe_owner> owner = each.end->owner();
        if (owner == nullptr)
            continue;
        switch (each.why)
        {
        case reason::readable: owner->on_readable(*each.end); break;
        case reason::writable: owner->on_writable(*each.end); break;
        case reason::closed: owner->on_peer_closed(*each.end); break;
        }
    }
    told.clear();
    if (entries_.empty())
        entries_.swap(told);  // keeps the memory for the next time
}

}  // namespace ferry::patterns
