// Where a test's sockets meet: endpoints that nobody else uses.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/raw_peer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace ferry::test
{

inline std::string unique_name()
{
    static std::atomic<int> count{0};
    return "place-" + std::to_string(++count);
}

/// An endpoint to bind to, wildcards included: connect to what bind returns.
inline std::string anywhere(std::string_view transport)
{
    if (transport == "tcp")
        return "tcp://127.0.0.1:*";
    if (transport == "ipc")
        return "ipc://*";
    return "inproc://" + unique_name();
}

/// An endpoint known before anybody is bound there, to be bound once or several times.
class place
{
public:
    explicit place(std::string_view transport)
    {
        if (transport == "tcp")
        {
            port_ = std::make_unique<reserved_port>();
            endpoint_ = port_->endpoint();
        }
        else if (transport == "ipc")
        {
            directory_ = std::make_unique<temporary_directory>();
            endpoint_ = "ipc://" + directory_->file("socket");
        }
        else
        {
            endpoint_ = "inproc://" + unique_name();
        }
    }

    [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }

private:
    std::unique_ptr<reserved_port> port_;
    std::unique_ptr<temporary_directory> directory_;
    std::string endpoint_;
};

}  // namespace ferry::test
