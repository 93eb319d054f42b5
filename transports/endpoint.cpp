#include "transports/endpoint.hpp"

namespace ferry::transports
{

namespace
{
constexpr std::string_view separator = "://";
}

std::optional<endpoint> endpoint::parse(std::string_view text)
{
    const auto scheme_size = text.find(separator);
    if (scheme_size == std::string_view::npos || scheme_size == 0)
        return std::nullopt;
    if (text.size() == scheme_size + separator.size())
        return std::nullopt;

    endpoint result;
    result.text_ = text;
    result.scheme_size_ = scheme_size;
    return result;
}

std::string_view endpoint::scheme() const noexcept
{
    return std::string_view(text_).substr(0, scheme_size_);
}

std::string_view endpoint::address() const noexcept
{
    return std::string_view(text_).substr(scheme_size_ + separator.size());
}

}  // namespace ferry::transports
