// What is said to a SOCKS 5 proxy until it has made a connection. RFC 1928, RFC 1929. Sans I/O.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace ferry::transports
{

/// Where the proxy is to connect to.
struct socks_target
{
    /// With the numbers of RFC 1928 section 5.
    enum class kind : std::uint8_t
    {
        ipv4 = 1,
        name = 3,
        ipv6 = 4,
    };

    kind what = kind::name;
    std::string octets;  ///< an address in network order, or a name of 1 to 255 octets
    std::uint16_t port = 0;
};

/// Empty username: no authentication is offered, else no other than by name and password. At most 255 octets each.
struct socks_request
{
    socks_target target;
    std::string username;
    std::string password;
};

/// One dialogue. Whoever drives it sends output(), as far as he can, then reads at most wanted() octets, and so on, until
/// is_over(): the octets that follow are the target's.
class socks_dialogue
{
public:
    explicit socks_dialogue(const socks_request& request);
    socks_dialogue(const socks_dialogue&) = delete;
    socks_dialogue& operator=(const socks_dialogue&) = delete;

    /// What is to be sent now. Empty: it is the proxy's turn.
    [[nodiscard]] std::span<const std::byte> output() const noexcept;
    void sent(std::size_t octets) noexcept;

    /// How many octets may be read, at least one unless it is over.
    [[nodiscard]] std::size_t wanted() const noexcept;
    /// Takes 1 to wanted() octets. An error, a proxy_errc, comes as soon as the octets say it; after one the dialogue
    /// is at its end, and of no more use.
    [[nodiscard]] std::error_code received(std::span<const std::byte> octets) noexcept;

    [[nodiscard]] bool is_over() const noexcept { return state_ == state::over; }

private:
    enum class state : std::uint8_t
    {
        method,          // which way to authenticate: two octets
        authentication,  // whether user name and password are right: two octets
        reply_head,      // what became of the connection: the first five octets
        reply_rest,      // the proxy's own address: of no interest, but to be read
        over,
    };

    [[nodiscard]] std::error_code go_on() noexcept;
    [[nodiscard]] std::error_code check_method() noexcept;
    [[nodiscard]] std::error_code check_authentication() noexcept;
    [[nodiscard]] std::error_code check_reply() noexcept;
    void expect(state next, std::size_t size) noexcept;
    void say(const std::vector<std::byte>& octets) noexcept;

    const bool authenticates_;
    const std::vector<std::byte> greeting_;
    const std::vector<std::byte> credentials_;
    const std::vector<std::byte> request_;
    std::span<const std::byte> output_;
    state state_ = state::method;
    std::array<std::byte, 257> answer_{};  // the longest rest: a name of 255 octets and a port
    std::size_t size_ = 0;                 // octets of the answer that are there
    std::size_t expected_ = 0;
};

}  // namespace ferry::transports
