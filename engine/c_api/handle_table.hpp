// Handles of the small things: counters, watches, threads, timers.
#pragma once

#include <memory>
#include <utility>

#include "engine/c_api/registry.hpp"

namespace ferry::c_api
{

/// A use of what a handle stands for; false when it stands for nothing. Stays on its thread.
template <class Thing>
class thing_use
{
public:
    explicit thing_use(registry::use use) noexcept
        : thing_(static_cast<Thing*>(use.target)), token_(use.token)
    {
    }
    thing_use(const thing_use&) = delete;
    thing_use& operator=(const thing_use&) = delete;
    ~thing_use()
    {
        if (token_ != nullptr)
            registry::end(token_);
    }

    explicit operator bool() const noexcept { return thing_ != nullptr; }
    Thing* operator->() const noexcept { return thing_; }
    Thing& operator*() const noexcept { return *thing_; }

    /// The handle stands for nothing from now on; the thing itself goes with its last use. False when another thread was
    /// faster.
    bool close() const noexcept { return registry::close(token_); }

private:
    Thing* thing_;
    void* token_;
};

/// All things of one type. A wrong or old handle is found out before anything is dereferenced.
template <class Thing>
class handle_table
{
public:
    /// Errors: std::bad_alloc.
    template <class... Arguments>
    [[nodiscard]] void* make(Arguments&&... arguments)
    {
        auto thing = std::make_shared<Thing>(std::forward<Arguments>(arguments)...);
        Thing* const target = thing.get();
        return all_.add(std::move(thing), target);
    }
    [[nodiscard]] thing_use<Thing> find(const void* handle) noexcept
    {
        return thing_use<Thing>(all_.begin(handle));
    }

private:
    registry all_;
};

/// The table of that type. Never destroyed: programs use their handles until the process is gone.
template <class Thing>
[[nodiscard]] handle_table<Thing>& things()
{
    static auto& all = *new handle_table<Thing>;
    return all;
}

}  // namespace ferry::c_api
