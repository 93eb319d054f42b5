// Endpoints to bare sockets: tcp://127.0.0.1:5555, tcp://127.0.0.1:* and ipc:///path.
#pragma once

#include <chrono>
#include <string>

namespace bench
{

/// Owns one file descriptor.
class descriptor
{
public:
    descriptor() noexcept = default;
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept;
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor();

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

private:
    int fd_ = -1;
};

struct listener
{
    descriptor socket;
    std::string endpoint;  ///< the one really bound
    std::string path_to_remove;
};

/// `buffer_octets` of 0 leaves the system's buffers.
/// Errors: std::system_error, std::invalid_argument.
[[nodiscard]] listener listen_on(const std::string& endpoint, int buffer_octets);
[[nodiscard]] descriptor accept_from(const listener& from);
[[nodiscard]] descriptor connect_to(const std::string& endpoint, int buffer_octets);

/// Reads that get nothing for so long fail with EAGAIN.
void end_reads_after(int fd, std::chrono::milliseconds silence);

[[noreturn]] void throw_errno(const char* what);

}  // namespace bench
