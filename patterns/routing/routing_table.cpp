// Routing id -> pipe, and ids for peers that bring none.
#include "patterns/routing/routing_table.hpp"

namespace ferry::patterns
{

namespace
{

constexpr std::size_t generated_octets = 5;

std::string generated_id(std::uint32_t number)
{
    std::string id(1, '\0');
    for (int shift = 24; shift >= 0; shift -= 8)
        id += static_cast<char>(static_cast<std::uint8_t>(number >> shift));
    return id;
}

}  // namespace

pipe_end* routing_table::find(std::string_view id) const noexcept
{
    const auto found = pipes_.find(id);
    return found == pipes_.end() ? nullptr : found->second;
}

bool routing_table::add(std::string_view id, pipe_end& pipe)
{
    return pipes_.try_emplace(std::string(id), &pipe).second;
}

void routing_table::remove(std::string_view id, const pipe_end& pipe) noexcept
{
    const auto found = pipes_.find(id);
    if (found != pipes_.end() && found->second == &pipe)
        pipes_.erase(found);
}

std::string routing_table::choose_id(std::string_view brought)
{
    const bool looks_generated = brought.size() == generated_octets && brought.front() == '\0';
    if (!brought.empty() && brought.size() <= max_id_octets && !looks_generated)
        return std::string(brought);
    std::string id = generated_id(next_++);
    while (find(id) != nullptr)
        id = generated_id(next_++);
    return id;
}

}  // namespace ferry::patterns
