// Routing id -> pipe, and ids for peers that bring none.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "patterns/pipe.hpp"

namespace ferry::patterns
{

/// Ids are octets, compared as such. A generated id is 00 and a 32-bit counter, big-endian; ids
/// that peers bring may not look like one, nor exceed 255 octets, or else anybody could pose as
/// somebody else.
///
/// Spec: RFC 28 "ROUTER".
class routing_table
{
public:
    static constexpr std::size_t max_id_octets = 255;

    explicit routing_table(std::uint32_t first_generated) noexcept : next_(first_generated) {}

    /// Null if the id is unknown.
    [[nodiscard]] pipe_end* find(std::string_view id) const noexcept;
    /// False if the id is taken.
    [[nodiscard]] bool add(std::string_view id, pipe_end& pipe);
    /// Only if the id is this pipe's.
    void remove(std::string_view id, const pipe_end& pipe) noexcept;

    /// What the peer brought if that will do, or else a generated id that is not taken.
    [[nodiscard]] std::string choose_id(std::string_view brought);

private:
    struct text_hash : std::hash<std::string_view>
    {
        using is_transparent = void;
    };
    std::unordered_map<std::string, pipe_end*, text_hash, std::equal_to<>> pipes_;
    std::uint32_t next_;
};

}  // namespace ferry::patterns
