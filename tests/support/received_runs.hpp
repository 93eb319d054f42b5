// Messages as they come in one read, side by side in a buffer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ferry/detail/received_run.hpp>

#include "protocol/message_storage.hpp"
#include "tests/support/octets.hpp"

namespace ferry::test
{

/// A read buffer that holds just these octets, so that a sanitizer sees who reads behind them.
class run_buffer
{
public:
    explicit run_buffer(std::span<const std::byte> octets)
        : body_(ferry::detail::shared_body::make(octets.size())), size_(octets.size())
    {
        std::copy(octets.begin(), octets.end(), body_->octets());
    }
    run_buffer(const run_buffer&) = delete;
    run_buffer& operator=(const run_buffer&) = delete;
    ~run_buffer() { body_->release(); }

    [[nodiscard]] ferry::detail::shared_body& body() const { return *body_; }
    [[nodiscard]] std::span<const std::byte> octets() const { return {body_->octets(), size_}; }
    /// Whether nobody else refers to it.
    [[nodiscard]] bool is_unique() const { return body_->is_unique(); }
    [[nodiscard]] bool holds(const void* address) const
    {
        return address >= body_->octets() && address < body_->octets() + size_;
    }
    [[nodiscard]] message run(std::uint32_t messages) const
    {
        message slot;
        ferry::detail::received_run::put(slot, *body_, octets(), messages);
        return slot;
    }

private:
    ferry::detail::shared_body* body_;
    std::size_t size_;
};

/// The frames of messages of one frame each.
inline octet_vector frames_of(const std::vector<std::string>& texts)
{
    octet_vector all;
    for (const std::string& text : texts)
        all = join(all, frame(0, text));
    return all;
}

/// The `count` messages of which `octets` are the frames.
inline std::vector<message> messages_of(std::span<const std::byte> octets, std::uint32_t count)
{
    const run_buffer buffer(octets);
    message run = buffer.run(count);
    std::vector<message> all;
    for (message m; ferry::detail::received_run::messages(run) != 0;)
    {
        ferry::detail::received_run::take_first(run, m);
        all.push_back(std::move(m));
    }
    return all;
}

}  // namespace ferry::test
