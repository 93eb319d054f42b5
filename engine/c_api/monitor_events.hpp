// Ferry's monitor events as libzmq's: which ZMQ_EVENT_... each becomes, with which value.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <ferry/message.hpp>
#include <ferry/monitor.hpp>

namespace ferry::c_api
{

/// Where libzmq gives the number of a descriptor: nobody needs to know Ferry's.
inline constexpr std::uint32_t no_descriptor = UINT32_MAX;

/// Makes messages, in two frames, of what happens at one socket.
class event_translator
{
public:
    /// `mask`: the events to tell of.
    explicit event_translator(int mask) noexcept : mask_(mask) {}

    void translate(const monitor_event& e);
    /// Makes a message of an event that no monitor_event stands for.
    void tell(int event, std::uint32_t value, std::string_view endpoint);
    /// The socket is closed, and so are its listeners.
    void tell_end_of_listeners();

    /// What was made and not taken yet, the oldest first.
    [[nodiscard]] std::deque<message>& told() noexcept { return told_; }

private:
    void tell_failed_handshake(const monitor_event& e);
    void tell_end_of_attempt(const monitor_event& e);

    const int mask_;
    std::deque<message> told_;
    std::vector<std::string> attempts_;     // endpoints that are being connected to
    std::vector<monitor_event> listening_;  // to what is bound
};

}  // namespace ferry::c_api
