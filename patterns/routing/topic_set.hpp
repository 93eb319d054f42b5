// What a subscriber wants: topics with reference counts. SUB filters by it and replays it.
#pragma once

#include <cstdint>
#include <string_view>

#include "patterns/routing/radix_tree.hpp"

namespace ferry::patterns
{

/// Spec: RFC 29 "SUB", "XSUB".
class topic_set
{
public:
    enum class removal : std::uint8_t
    {
        not_held,
        still_held,
        gone,
    };

    void add(std::string_view topic);
    removal remove(std::string_view topic);
    /// Whether a topic held is a prefix of `text`.
    [[nodiscard]] bool matches(std::string_view text) const noexcept;
    /// Calls `visit(topic)` once per topic, in lexicographic order.
    template <class Visit>
    void for_each(Visit visit) const
    {
        topics_.for_each([&](std::string_view topic, const counter&) { visit(topic); });
    }

private:
    struct counter
    {
        std::size_t references = 0;
        [[nodiscard]] bool is_empty() const noexcept { return references == 0; }
    };
    radix_tree<counter> topics_;
};

}  // namespace ferry::patterns
