#include "protocol/greeting.hpp"

#include <algorithm>
#include <cstring>

#include <ferry/error.hpp>

namespace ferry::protocol
{

namespace
{

constexpr std::byte signature_first{0xff};
constexpr std::byte signature_last{0x7f};
constexpr unsigned versioned_bit = 0x01;  // of the signature's last octet: flags in a 1.0 frame
constexpr std::byte major_version{3};

constexpr std::size_t padding_offset = 1;
constexpr std::size_t major_offset = 10;
constexpr std::size_t minor_offset = 11;  // ZMTP 2.0: the socket type
constexpr std::size_t mechanism_offset = 12;

std::optional<socket_type> socket_type_of(unsigned octet) noexcept
{
    if (octet > static_cast<unsigned>(socket_type::xsub))
        return std::nullopt;
    return static_cast<socket_type>(octet);
}

}  // namespace

// What is decided at which octet of the peer's greeting. RFC 37 "Version Negotiation", and what
// libzmq does where the RFC leaves room.
struct greeting_exchange::step
{
    std::size_t at;
    bool of_old_peers;
    void (greeting_exchange::*decide)() noexcept;
};

const greeting_exchange::step greeting_exchange::steps[] = {
    {1, false, &greeting_exchange::on_first_octet},
    {signature_size, false, &greeting_exchange::on_signature},
    {signature_size + 1, false, &greeting_exchange::on_version},
    {old_greeting_size, true, &greeting_exchange::on_old_greeting},
    {greeting_size, false, &greeting_exchange::on_greeting},
};

std::array<std::byte, greeting_size> encode_greeting(const own_greeting& own) noexcept
{
    std::array<std::byte, greeting_size> octets{};
    octets[0] = signature_first;
    // To a 1.0 peer the signature is the header of a long frame: flags and our routing id.
    const std::uint64_t frame_size = own.routing_id_size + 1;
    for (std::size_t i = 0; i < 8; ++i)
        octets[padding_offset + i] = static_cast<std::byte>(frame_size >> (8 * (7 - i)));
    octets[signature_size - 1] = signature_last;
    octets[major_offset] = major_version;
    octets[minor_offset] = std::byte{own.minor_version};
    const std::size_t name_size = std::min(own.mechanism.size(), mechanism_name_size);
    std::memcpy(&octets[mechanism_offset], own.mechanism.data(), name_size);
    return octets;
}

greeting_exchange::greeting_exchange(const own_greeting& own) noexcept
    : own_(encode_greeting(own)), type_(own.type), admits_old_peers_(own.admits_old_peers)
{
}

std::size_t greeting_exchange::receive(std::span<const std::byte> octets) noexcept
{
    std::size_t taken = 0;
    while (taken < octets.size() && !complete_ && !error_)
    {
        received_[received_size_++] = octets[taken++];
        for (const step& each : steps)
        {
            if (each.at == received_size_ && (is_old_ || !each.of_old_peers))
            {
                (this->*each.decide)();
                break;
            }
        }
    }
    return taken;
}

std::span<const std::byte> greeting_exchange::take_output() noexcept
{
    const std::span<const std::byte> output = std::span(own_).subspan(sent_, due_ - sent_);
    sent_ = due_;
    return output;
}

std::span<const std::byte> greeting_exchange::first_frame() const noexcept
{
    if (!complete_ || peer_.speaks != dialect::zmtp_1_0)
        return {};
    return std::span(received_).first(received_size_);
}

// Anything but FF starts a frame of a peer that knows no greeting, however little it looks like one.
void greeting_exchange::on_first_octet() noexcept
{
    if (received_[0] != signature_first)
        complete_without_greeting();
}

// FF may also start a long 1.0 frame; its flags octet then has the lowest bit clear (no MORE on a
// routing id). Neither the padding nor the rest of the 7F means anything.
void greeting_exchange::on_signature() noexcept
{
    if ((octet(signature_size - 1) & versioned_bit) == 0)
        complete_without_greeting();
    else
        due_ = major_offset + 1;
}

void greeting_exchange::on_version() noexcept
{
    is_old_ = octet(major_offset) <= 1;
    if (is_old_ && !admits_old_peers_)
    {
        error_ = protocol_errc::unsupported_version;
        return;
    }
    if (is_old_)
        own_[minor_offset] = static_cast<std::byte>(type_);
    due_ = is_old_ ? old_greeting_size : greeting_size;
}

void greeting_exchange::on_old_greeting() noexcept
{
    const bool is_2_0 = octet(major_offset) == 1;
    peer_.speaks = is_2_0 ? dialect::zmtp_2_0 : dialect::zmtp_revision_0;
    peer_.version = {static_cast<std::uint8_t>(is_2_0 ? 2 : 1), 0};
    peer_.type = socket_type_of(octet(minor_offset));
    complete_ = true;
}

// The RFC takes revision 2 for 2.0, libzmq for 3.1; nobody is known to send it. As-server and the
// filler say nothing (libzmq sends 0 for servers too).
void greeting_exchange::on_greeting() noexcept
{
    const auto mechanism_at = [](const auto& greeting) {
        return std::span(greeting).template subspan<mechanism_offset, mechanism_name_size>();
    };
    if (!std::ranges::equal(mechanism_at(own_), mechanism_at(received_)))
    {
        error_ = protocol_errc::mechanism_mismatch;
        return;
    }
    const auto major = static_cast<std::uint8_t>(octet(major_offset));
    const auto minor = static_cast<std::uint8_t>(octet(minor_offset));
    const bool is_3_0 = major == 3 && minor == 0;
    const bool we_are_3_0 = own_[minor_offset] == std::byte{0};
    peer_.speaks = is_3_0 || we_are_3_0 ? dialect::zmtp_3_0 : dialect::zmtp_3_1;
    peer_.version = major == 2 ? zmtp_version{3, 1} : zmtp_version{major, minor};
    complete_ = true;
}

void greeting_exchange::complete_without_greeting() noexcept
{
    if (!admits_old_peers_)
    {
        error_ = protocol_errc::unsupported_version;
        return;
    }
    peer_.speaks = dialect::zmtp_1_0;
    peer_.version = {1, 0};
    complete_ = true;
}

unsigned greeting_exchange::octet(std::size_t position) const noexcept
{
    return std::to_integer<unsigned>(received_[position]);
}

}  // namespace ferry::protocol
