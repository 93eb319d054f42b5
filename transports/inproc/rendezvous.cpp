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

bool rendezvous::reserve(const std::string& name, std::weak_ptr<void> binder)
{
    const std::lock_guard lock(mutex_);
    holder& place = bound_[name];
    if (!place.binder.expired())
        return false;
    place = {std::move(binder), false};
    return true;
}

bool rendezvous::open(
    const std::string& name, const std::weak_ptr<void>& binder, std::vector<party>& waiting)
{
    waiting.clear();
    const std::lock_guard lock(mutex_);
    const auto found = bound_.find(name);
    if (found == bound_.end() || found->second.is_open || !is_same(found->second.binder, binder))
        return false;
    found->second.is_open = true;
    if (const auto those = waiting_.find(name); those != waiting_.end())
    {
        waiting = std::move(those->second);
        waiting_.erase(those);
    }
    return true;
}

bool rendezvous::unbind(const std::string& name, const std::weak_ptr<void>& binder)
{
    const std::lock_guard lock(mutex_);
    const auto found = bound_.find(name);
    if (found == bound_.end() || !is_same(found->second.binder, binder))
        return false;
    bound_.erase(found);
    return true;
}

rendezvous::party rendezvous::find_open(const std::string& name)
{
    const auto found = bound_.find(name);
    if (found == bound_.end() || !found->second.is_open)
        return nullptr;
    auto binder = found->second.binder.lock();
    if (!binder)
        bound_.erase(found);
    return binder;
}

rendezvous::party rendezvous::find(const std::string& name)
{
    const std::lock_guard lock(mutex_);
    return find_open(name);
}

rendezvous::party rendezvous::connect(const std::string& name, party connector)
{
    const std::lock_guard lock(mutex_);
    if (auto binder = find_open(name))
        return binder;
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
