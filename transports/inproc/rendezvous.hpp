// Who is bound to which inproc name, and who waits for it. One per context; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ferry::transports
{

/// Matches names. What a party is, only the caller knows.
class rendezvous
{
public:
    using party = std::shared_ptr<void>;

    /// Takes the name for `binder`. False when it is taken. Who connects still waits, until open().
    [[nodiscard]] bool reserve(const std::string& name, std::weak_ptr<void> binder);
    /// From now on who connects meets `binder`. `waiting` gets everybody who connected before, in
    /// order; they wait no longer. False when the name is not, or no longer, reserved for `binder`.
    [[nodiscard]] bool open(
        const std::string& name, const std::weak_ptr<void>& binder, std::vector<party>& waiting);
    /// Frees the name if `binder` holds it. False if not.
    bool unbind(const std::string& name, const std::weak_ptr<void>& binder);
    /// Whom connect() would meet now; null: nobody.
    [[nodiscard]] party find(const std::string& name);
    /// The binder of the name; or null, and `connector` waits for one.
    [[nodiscard]] party connect(const std::string& name, party connector);
    /// `connector` waits no longer. False if it did not.
    bool forget(const std::string& name, const party& connector);

private:
    struct holder
    {
        std::weak_ptr<void> binder;
        bool is_open = false;
    };
    [[nodiscard]] party find_open(const std::string& name);  // under the lock

    std::mutex mutex_;
    std::unordered_map<std::string, holder> bound_;
    std::unordered_map<std::string, std::vector<party>> waiting_;
};

}  // namespace ferry::transports
