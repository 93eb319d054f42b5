#include "engine/backoff.hpp"

#include <algorithm>

namespace ferry::detail
{

backoff::backoff(milliseconds first, milliseconds longest) noexcept
    : first_(first), longest_(std::max(first, longest)), bound_(first)
{
}

backoff::milliseconds backoff::next(std::uint64_t random) noexcept
{
    const auto bound = static_cast<std::uint64_t>(std::max<milliseconds::rep>(bound_.count(), 1));
    bound_ = std::min(longest_, bound_ * 2);
    return milliseconds{static_cast<milliseconds::rep>(random % bound + 1)};
}

}  // namespace ferry::detail
