#include <ferry/peer_properties.hpp>

#include <ferry/detail/peer_references.hpp>

namespace ferry
{

std::string_view peer_properties::find(std::string_view name) const noexcept
{
    for (const auto& [key, value] : properties_)
        if (key == name)
            return value;
    return {};
}

void peer_handle::retain(const peer_properties* target) noexcept
{
    detail::peer_references::take(target);
}

void peer_handle::release(const peer_properties* target) noexcept
{
    detail::peer_references::drop(target);
}

}  // namespace ferry
