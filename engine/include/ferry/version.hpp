// Which Ferry this is.
#pragma once

#include <ferry/detail/export.hpp>

namespace ferry
{

inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
inline constexpr const char* version_string = "0.1.0";

/// The version of the compiled library, which may differ from the headers'. libzmq: zmq_version.
[[nodiscard]] FERRY_API const char* library_version() noexcept;

}  // namespace ferry
