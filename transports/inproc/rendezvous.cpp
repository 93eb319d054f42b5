#include "transports/inproc/rendezvous.hpp"

#include <algorithm>
#include <utility>

namespace ferry::transports
{

namespace
{

bool is_same(const std::weak_ptr<void>& a, const std::weak_ptr<void>& b) noexcept
{
    return !a.owner_before(b) && !b.owner_before(a);
}

}  // namespace

bool rendezvous::bind(
    const std::string& name, std::weak_ptr<void> binder, std::vector<party>& waiting)
{
    waiting.clear();
    const std::lock_guard lock(mutex_);
    auto& holder = bound_[name];
    if (!holder.expired())
        return false;
    holder = std::move(binder);
    if (const auto found = waiting_.find(name); found != waiting_.end())
    {
        waiting = std::move(found->second);
        waiting_.erase(found);
    }
    return true;
}

bool rendezvous::unbind(const std::string& name, const std::weak_ptr<void>& binder)
{
    const std::lock_guard lock(mutex_);
    const auto found = bound_.find(name);
    if (found == bound_.end() || !is_same(found->second, binder))
        return false;
    bound_.erase(found);
    return true;
}

rendezvous::party rendezvous::connect(const std::string& name, party connector)
{
    const std::lock_guard lock(mutex_);
    if (const auto found = bound_.find(name); found != bound_.end())
    {
        if (auto binder = found->second.lock())
            return binder;
        bound_.erase(found);
    }
    waiting_[name].push_back(std::move(connector));
    return nullptr;
}

bool rendezvous::forget(const std::string& name, const party& connector)
{
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(name);
    if (found == waiting_.end())
        return false;
    auto& parties = found->second;
    const auto place = std::find(parties.begin(), parties.end(), connector);
    if (place == parties.end())
        return false;
    parties.erase(place);  // the caller holds it too, so nobody's destructor runs here
    if (parties.empty())
        waiting_.erase(found);
    return true;
}

}  // namespace ferry::transports
