// NULL: no security. Each side sends READY at once, and is ready when it has the other's. RFC 37 "NULL".
#pragma once

#include "protocol/security/mechanism.hpp"

namespace ferry::protocol::security
{

class null_factory final : public mechanism_factory
{
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "NULL"; }
    [[nodiscard]] bool admits_old_peers() const noexcept override { return true; }
    [[nodiscard]] std::unique_ptr<mechanism> make(mechanism_setup setup) const override;
};

}  // namespace ferry::protocol::security
