#include <ferry/version.hpp>

namespace ferry
{

const char* library_version() noexcept
{
    return version_string;
}

}  // namespace ferry
