#include "engine/raw_output.hpp"

namespace ferry::detail
{

raw_output::batch raw_output::take_from(patterns::pipe_end& pipe, patterns::wake_list& wakes)
{
    taken_.clear();
    done_ = 0;
    batch all;
    while (
        taken_.size() < most_messages && all.octets < octet_budget && pipe.peek(wakes) != nullptr)
    {
        message& next = taken_.emplace_back();
        pipe.take_front(next, wakes);
        all.octets += next.size_octets();
    }
    all.messages = taken_.size();
    return all;
}

std::span<const std::span<const std::byte>> raw_output::buffers() noexcept
{
    for (std::size_t i = done_; i < taken_.size(); ++i)
        buffers_[i - done_] = taken_[i].front().bytes();
    if (!empty())
        buffers_[0] = buffers_[0].subspan(octets_done_);
    return std::span(buffers_).first(size());
}

void raw_output::written(std::size_t octets) noexcept
{
    octets_done_ += octets;
    while (!empty() && octets_done_ >= taken_[done_].front().size())
        octets_done_ -= taken_[done_++].front().size();
}

}  // namespace ferry::detail
