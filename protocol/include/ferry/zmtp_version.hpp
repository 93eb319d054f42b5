// The version of the protocol that a peer speaks.
#pragma once

#include <cstdint>

namespace ferry
{

/// A peer's version as its greeting tells it: 3.1, 3.0, 2.0, 1.0, or something newer.
///
/// Spec: RFC 37 "Version Negotiation".
struct zmtp_version
{
    std::uint8_t major = 3;
    std::uint8_t minor = 1;
    friend bool operator==(const zmtp_version&, const zmtp_version&) = default;
};

}  // namespace ferry
