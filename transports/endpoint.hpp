// "tcp://host:port" as a checked value: scheme, address, canonical text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ferry::transports
{

/// An endpoint's text, split at the first "://"; both parts are not empty. The address is checked
/// further by the transport of its scheme.
class endpoint
{
public:
    /// Empty when the text is no endpoint.
    [[nodiscard]] static std::optional<endpoint> parse(std::string_view text);

    [[nodiscard]] std::string_view scheme() const noexcept;   ///< "tcp"
    [[nodiscard]] std::string_view address() const noexcept;  ///< "127.0.0.1:5555"
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    friend bool operator==(const endpoint&, const endpoint&) = default;

private:
    endpoint() = default;

    std::string text_;
    std::size_t scheme_size_ = 0;
};

}  // namespace ferry::transports
