#include "engine/backoff.hpp"

#include <algorithm>

namespace ferry::detail
{

backoff::backoff(milliseconds first, milliseconds longest, bool early) noexcept
    : first_(first), longest_(std::max(first, longest)), bound_(first), early_(early)
{
}

backoff::milliseconds backoff::next(std::uint64_t random) noexcept
{
    const milliseconds bound = std::max(bound_, milliseconds{1});
    bound_ = std::min(longest_, bound_ * 2);
    const auto up_to = [random](milliseconds end) {
        const auto count = static_cast<std::uint64_t>(std::max<milliseconds::rep>(end.count(), 1));
        return milliseconds{static_cast<milliseconds::rep>(random % count)};
    };
    return early_ ? up_to(bound) + milliseconds{1} : bound + up_to(first_);
}

}  // namespace ferry::detail
