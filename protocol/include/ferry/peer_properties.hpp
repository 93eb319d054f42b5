// What is known of a peer, and the counted reference that its messages carry.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ferry/detail/export.hpp>

namespace ferry
{

class peer_handle;

namespace detail
{
struct peer_references;
}

/// What is known of the peer that a message came from: the properties of its handshake
/// (Socket-Type, Identity, X-...), Peer-Address, and which connection it was. Immutable once
/// published; shared by all messages of the connection.
///
/// Lifetimes: at least as long as a handle refers to it. A thread that received messages of the peer
///            may keep it longer: until it meets other peers, or ends.
class FERRY_API peer_properties
{
public:
    using list = std::vector<std::pair<std::string, std::string>>;

    explicit peer_properties(list properties, int native_handle = -1)
        : properties_(std::move(properties)), native_handle_(native_handle)
    {
    }
    peer_properties(const peer_properties&) = delete;
    peer_properties& operator=(const peer_properties&) = delete;

    /// The first property of that exact name, or an empty view with a null data pointer.
    [[nodiscard]] std::string_view find(std::string_view name) const noexcept;
    [[nodiscard]] const list& all() const noexcept { return properties_; }
    /// The descriptor of the connection, for questions such as getpeername or SO_PEERCRED: never to
    /// be read, written or closed. Once the connection has ended, the number may be another's.
    ///
    /// Unit and range: a descriptor; -1 where there is none: inproc.
    /// libzmq:         ZMQ_SRCFD.
    [[nodiscard]] int native_handle() const noexcept { return native_handle_; }

private:
    friend class peer_handle;
    friend struct detail::peer_references;
    list properties_;
    int native_handle_;
    mutable std::atomic<std::uint32_t> references_{0};
};

/// A shared reference to a peer's properties; may be empty. Eight octets, so that a message can
/// carry one. Copies usually take the thread's spare references: no atomic operation.
class FERRY_API peer_handle
{
public:
    peer_handle() noexcept = default;
    explicit peer_handle(peer_properties::list properties, int native_handle = -1)
        : target_(new peer_properties(std::move(properties), native_handle))
    {
        target_->references_.store(1, std::memory_order_relaxed);
    }
    peer_handle(const peer_handle& other) noexcept : target_(other.target_)
    {
        if (target_ != nullptr)
            retain(target_);
    }
    peer_handle(peer_handle&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {}
    peer_handle& operator=(peer_handle other) noexcept
    {
        std::swap(target_, other.target_);
        return *this;
    }
    ~peer_handle()
    {
        if (target_ != nullptr)
            release(target_);
    }

    explicit operator bool() const noexcept { return target_ != nullptr; }
    const peer_properties* operator->() const noexcept { return target_; }
    const peer_properties& operator*() const noexcept { return *target_; }
    const peer_properties* get() const noexcept { return target_; }

private:
    friend class message;

    static void retain(const peer_properties* target) noexcept;
    static void release(const peer_properties* target) noexcept;

    const peer_properties* target_ = nullptr;
};

}  // namespace ferry
