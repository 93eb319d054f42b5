// When to try again: bounds that double, and a random pause below them.
#pragma once

#include <chrono>
#include <cstdint>

namespace ferry::detail
{

/// The pauses between attempts of one connecting endpoint. Random bits come in as a parameter.
class backoff
{
public:
    using milliseconds = std::chrono::milliseconds;

    /// `longest` of 0, or below `first`, keeps the bound at `first`.
    ///
    /// `early`: a pause may be shorter than the bound; else it is the bound and up to `first` more.
    backoff(milliseconds first, milliseconds longest, bool early = true) noexcept;

    /// The next pause: between 1 ms and the present bound, or from the bound on, chosen by `random`;
    /// then the bound doubles.
    [[nodiscard]] milliseconds next(std::uint64_t random) noexcept;
    /// A handshake succeeded: start over.
    void reset() noexcept { bound_ = first_; }
    /// Whether to try again at all: not with a first interval of 0.
    [[nodiscard]] bool retries() const noexcept { return first_.count() > 0; }

private:
    milliseconds first_;
    milliseconds longest_;
    milliseconds bound_;
    bool early_;
};

}  // namespace ferry::detail
