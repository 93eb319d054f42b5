// The options of a socket that may change while it lives.
#include <utility>

#include <ferry/socket.hpp>

#include "engine/settings.hpp"
#include "engine/socket_core.hpp"

namespace ferry
{

namespace
{

// Refuses a change that would make the options invalid; else makes it.
template <class Change>
void make(detail::socket_core& core, const Change& change)
{
    const socket_options before = core.options();  // its message outlives the lock
    socket_options changed = before;
    change(changed);
    if (const auto mistake = detail::find_mistake(core.type(), changed))
        throw error(errc::invalid_argument, *mistake);
    core.change(change);
}

template <class Value>
void set(detail::socket_core& core, Value socket_options::*field, Value value)
{
    make(core, [&](socket_options& options) { options.*field = value; });
}

}  // namespace

void socket_base::set_send_hwm(std::size_t messages)
{
    core_->set_send_hwm(messages);
}

void socket_base::set_receive_hwm(std::size_t messages)
{
    core_->set_receive_hwm(messages);
}

void socket_base::set_send_timeout(milliseconds timeout)
{
    set(*core_, &socket_options::send_timeout, timeout);
}

void socket_base::set_receive_timeout(milliseconds timeout)
{
    set(*core_, &socket_options::receive_timeout, timeout);
}

void socket_base::set_linger(milliseconds linger)
{
    set(*core_, &socket_options::linger, std::optional(linger));
}

void socket_base::set_socks_proxy(
    std::string_view proxy, std::string_view username, std::string_view password)
{
    make(*core_, [&](socket_options& options) {
        options.socks_proxy = proxy;
        options.socks_username = username;
        options.socks_password = password;
    });
}

void socket_base::set_tcp_accept_filter(std::vector<std::string> ranges)
{
    set(*core_, &socket_options::tcp_accept_filter, std::move(ranges));
}

void socket_base::set_ipc_accept_filter(ipc_filter filter)
{
    set(*core_, &socket_options::ipc_accept_filter, std::move(filter));
}

void socket_base::set_router_mandatory(bool on)
{
    set(*core_, &socket_options::router_mandatory, on);
}

void socket_base::set_router_handover(bool on)
{
    set(*core_, &socket_options::router_handover, on);
}

void socket_base::set_probe_router(bool on)
{
    set(*core_, &socket_options::probe_router, on);
}

void socket_base::set_req_correlate(bool on)
{
    set(*core_, &socket_options::req_correlate, on);
}

void socket_base::set_req_relaxed(bool on)
{
    set(*core_, &socket_options::req_relaxed, on);
}

void socket_base::set_xpub_verbose(bool on)
{
    set(*core_, &socket_options::xpub_verbose, on);
}

void socket_base::set_xpub_verboser(bool on)
{
    set(*core_, &socket_options::xpub_verboser, on);
}

void socket_base::set_xpub_manual(bool on)
{
    set(*core_, &socket_options::xpub_manual, on);
}

void socket_base::set_xpub_manual_last_value(bool on)
{
    set(*core_, &socket_options::xpub_manual_last_value, on);
}

void socket_base::set_xpub_no_drop(bool on)
{
    set(*core_, &socket_options::xpub_no_drop, on);
}

void socket_base::set_invert_matching(bool on)
{
    set(*core_, &socket_options::invert_matching, on);
}

void socket_base::set_only_first_subscribe(bool on)
{
    set(*core_, &socket_options::only_first_subscribe, on);
}

void socket_base::set_stream_notify(bool on)
{
    set(*core_, &socket_options::stream_notify, on);
}

void socket_base::set_xpub_welcome_message(message m)
{
    set(*core_, &socket_options::xpub_welcome_message, std::move(m));
}

}  // namespace ferry
