// An error code with the words an operator needs.
#pragma once

#include <string>
#include <system_error>

namespace ferry::transports
{

/// A failure with what an operator needs to know: `detail` continues the sentence
/// "bind tcp://eth9:5555: ", e.g. "no interface named eth9". Empty: error.message() will do.
struct failure
{
    std::error_code error;
    std::string detail;

    explicit operator bool() const noexcept { return static_cast<bool>(error); }
};

}  // namespace ferry::transports
