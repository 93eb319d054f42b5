// bind, connect, unbind, disconnect.
#include <algorithm>
#include <utility>

#include "engine/acceptor.hpp"
#include "engine/context_core.hpp"
#include "engine/dialer.hpp"
#include "engine/inproc_link.hpp"
#include "engine/io_loop.hpp"
#include "engine/settings.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

using transports::failure;

namespace
{

constexpr std::string_view inproc_scheme = "inproc";

failure unknown_scheme(const transports::endpoint& where)
{
    return {errc::unsupported_transport,
        "no transport named " + std::string(where.scheme()) + "; there are tcp, ipc and inproc"};
}

failure no_use_for_descriptor()
{
    return {errc::invalid_argument, "descriptor is for bind over tcp and ipc"};
}

monitor_event about(monitor_event_type type, const std::string& endpoint, bool outgoing = false)
{
    monitor_event e;
    e.type = type;
    e.endpoint = endpoint;
    e.outgoing = outgoing;
    return e;
}

}  // namespace

failure socket_core::check(std::string_view text, const endpoint_options& options,
    std::optional<transports::endpoint>& parsed) const
{
    const std::lock_guard lock(mutex_);
    if (const std::error_code refused = refusal())
        return {refused, {}};
    parsed = transports::endpoint::parse(text);
    if (!parsed)
        return {errc::invalid_endpoint,
            "an endpoint looks like tcp://host:port, ipc://path or inproc://name"};
    if (const auto mistake = find_mistake(type_, options_, options))
        return {errc::invalid_argument, *mistake};
    if (parsed->scheme() == inproc_scheme && is_raw(type_, merge(options_, options)))
        return {errc::incompatible_transport, "raw peers are over tcp or ipc"};
    if (parsed->scheme() != inproc_scheme && !context_->has_loop(options.io_thread_mask))
        return {errc::invalid_argument, "io_thread_mask names no background thread of the context"};
    return {};
}

bool socket_core::add_endpoint(endpoint_record record)
{
    const section locked(*this);
    if (closing_.load(std::memory_order_relaxed))
        return false;
    if (record.via)
        links_.emplace(record.via.get(), link_record{record.via, record.origin});
    endpoints_.push_back(std::move(record));
    return true;
}

// --- bind ----------------------------------------------------------------------------------------

failure socket_core::bind(
    std::string_view text, const endpoint_options& options, std::string& bound)
{
    std::optional<transports::endpoint> where;
    if (failure wrong = check(text, options, where))
        return wrong;
    if (where->scheme() == inproc_scheme)
        return options.descriptor ? no_use_for_descriptor() : bind_inproc(*where, options, bound);
    return bind_stream(*where, options, bound);
}

failure socket_core::bind_stream(
    const transports::endpoint& where, const endpoint_options& overrides, std::string& bound)
{
    const transports::transport* transport = context_->transports().find(where.scheme());
    if (transport == nullptr)
        return unknown_scheme(where);
    const socket_options settings = merge(options(), overrides);
    loop_to_drive_.store(context_->only_loop(), std::memory_order_relaxed);
    link_loop& loop = context_->next_loop(overrides.io_thread_mask);
    transports::transport_options wishes = transport_settings(settings);
    wishes.descriptor = overrides.descriptor.value_or(wishes.descriptor);
    failure why;
    auto listener = transport->listen(loop.executor(), where, wishes, why);
    if (!listener)
        return why;
    bound = listener->bound_endpoint();
    monitor_event listening = about(monitor_event_type::listening, bound);
    listening.native_handle = listener->native_handle();
    const auto made = std::make_shared<acceptor>(
        shared_from_this(), loop, std::move(listener), settings, overrides.io_thread_mask);
    if (!add_endpoint({endpoint_kind::bound, where.text(), bound, made.get(), made, nullptr, {}}))
        return {errc::closed, {}};
    emit(listening);
    made->start();
    return {};
}

failure socket_core::bind_inproc(
    const transports::endpoint& where, const endpoint_options& overrides, std::string& bound)
{
    if (!context_->names().reserve(where.text(), weak_from_this()))
        return {errc::address_in_use, "another socket of this context is bound to that name"};
    bound = where.text();
    if (!add_endpoint(
            {endpoint_kind::inproc_bound, bound, bound, nullptr, nullptr, nullptr, overrides}))
    {
        context_->names().unbind(bound, weak_from_this());
        return {errc::closed, {}};
    }
    emit(about(monitor_event_type::listening, bound));  // before anybody is accepted
    std::vector<transports::rendezvous::party> waiting;
    if (!context_->names().open(bound, weak_from_this(), waiting))
        return {};  // another thread has unbound it
    for (const auto& party : waiting)
        (void)std::static_pointer_cast<inproc_link>(party)->join(*this);
    return {};
}

// Unbound meanwhile: what the socket itself was told.
socket_options socket_core::options_of_name(const std::string& name) const
{
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(endpoints_.begin(), endpoints_.end(), [&](const endpoint_record& r) {
            return r.kind == endpoint_kind::inproc_bound && r.bound == name;
        });
    if (found == endpoints_.end())
        return options_;
    socket_options all = merge(options_, found->overrides);
    if (send_hwm_changed_)
        all.send_hwm = options_.send_hwm;
    if (receive_hwm_changed_)
        all.receive_hwm = options_.receive_hwm;
    return all;
}

// --- connect -------------------------------------------------------------------------------------

failure socket_core::connect(std::string_view text, const endpoint_options& options)
{
    std::optional<transports::endpoint> where;
    if (failure wrong = check(text, options, where))
        return wrong;
    if (options.descriptor)
        return no_use_for_descriptor();
    if (where->scheme() == inproc_scheme)
        return connect_inproc(*where, options);
    return connect_stream(*where, options);
}

// A second connect of these types to the same text does nothing, as libzmq's users expect.
bool socket_core::is_repeated_connect(std::string_view text) const
{
    using enum socket_type;
    if (type_ != dealer && type_ != sub && type_ != pub && type_ != req)
        return false;
    const std::lock_guard lock(mutex_);
    return std::any_of(endpoints_.begin(), endpoints_.end(), [text](const endpoint_record& r) {
        return r.kind == endpoint_kind::connected && r.given == text;
    });
}

failure socket_core::connect_stream(
    const transports::endpoint& where, const endpoint_options& overrides)
{
    const transports::transport* transport = context_->transports().find(where.scheme());
    if (transport == nullptr)
        return unknown_scheme(where);
    if (is_repeated_connect(where.text()))
        return {};
    socket_options settings = merge(options(), overrides);
    loop_to_drive_.store(context_->only_loop(), std::memory_order_relaxed);
    link_loop& loop = context_->next_loop(overrides.io_thread_mask);
    failure why;
    auto connector =
        transport->make_connector(loop.executor(), where, transport_settings(settings), why);
    if (!connector)
        return why;
    const bool waits_for_connection = settings.immediate;
    const auto made = std::make_shared<dialer>(shared_from_this(), loop, std::move(connector),
        where.text(), std::move(settings), overrides.connect_routing_id);
    if (!waits_for_connection && !made->attach())
        return {errc::closed, {}};
    const void* origin = static_cast<link*>(made.get());
    if (!add_endpoint({endpoint_kind::connected, where.text(), {}, origin, made, nullptr, {}}))
        return {errc::closed, {}};
    made->start();
    return {};
}

failure socket_core::connect_inproc(
    const transports::endpoint& where, const endpoint_options& overrides)
{
    const auto made = std::make_shared<inproc_link>(
        shared_from_this(), where.text(), merge(options(), overrides));
    if (!made->attach(overrides.connect_routing_id))
        return {errc::closed, {}};
    if (!add_endpoint(
            {endpoint_kind::inproc_connected, where.text(), {}, made.get(), nullptr, made, {}}))
        return {errc::closed, {}};
    emit(about(monitor_event_type::connecting, where.text(), true));
    auto binder = context_->names().find(where.text());
    if (!binder)
    {
        emit(about(monitor_event_type::waiting, where.text(), true));  // before it may be over
        binder = context_->names().connect(where.text(), made);
    }
    if (!binder)
        return {};  // it is joined when somebody binds
    const auto bound = std::static_pointer_cast<socket_core>(binder);
    if (made->join(*bound))
        return {};
    const section locked(*this);
    forget_endpoints_of(made.get());
    return {errc::incompatible_transport,
        "the socket bound there is of type " + std::string(to_string(bound->type()))};
}

// --- unbind and disconnect -------------------------------------------------------------------------

std::error_code socket_core::unbind(std::string_view endpoint)
{
    endpoint_record record;
    milliseconds linger{0};
    {
        const section locked(*this);
        if (closing_.load(std::memory_order_relaxed))
            return errc::closed;
        const auto found = std::find_if(
            endpoints_.begin(), endpoints_.end(), [endpoint](const endpoint_record& r) {
                const bool is_bound =
                    r.kind == endpoint_kind::bound || r.kind == endpoint_kind::inproc_bound;
                return is_bound && (r.given == endpoint || r.bound == endpoint);
            });
        if (found == endpoints_.end())
            return errc::no_such_endpoint;
        record = std::move(*found);
        endpoints_.erase(found);
        linger = effective_linger(type_, options_);
    }
    if (record.kind == endpoint_kind::inproc_bound)
    {
        close_name(record.given);
        return {};
    }
    record.via->finish(linger);  // nobody is accepted any more
    for (const auto& l : leave_peers_of(record.origin))
        l->finish(linger);
    return {};
}

// Inproc. No memory for the event: it is closed all the same.
void socket_core::close_name(const std::string& name) noexcept
{
    if (!context_->names().unbind(name, weak_from_this()))
        return;
    try
    {
        emit(about(monitor_event_type::closed, name));
    }
    catch (const std::exception&)
    {
    }
}

// Nothing more goes to the peers of that acceptor. Their links.
std::vector<std::shared_ptr<link>> socket_core::leave_peers_of(const void* origin)
{
    const section locked(*this);
    close_peers_of(origin);
    std::vector<std::shared_ptr<link>> links;
    for (auto& [key, record] : links_)
    {
        if (record.origin != origin)
            continue;
        record.finishing = true;
        links.push_back(record.via);
    }
    serve();
    return links;
}

std::error_code socket_core::disconnect(std::string_view endpoint)
{
    std::vector<endpoint_record> records;
    milliseconds linger{0};
    {
        const section locked(*this);
        if (closing_.load(std::memory_order_relaxed))
            return errc::closed;
        const auto matches = [endpoint](const endpoint_record& r) {
            const bool is_connected =
                r.kind == endpoint_kind::connected || r.kind == endpoint_kind::inproc_connected;
            return is_connected && r.given == endpoint;
        };
        const auto rest = std::stable_partition(
            endpoints_.begin(), endpoints_.end(), [&](const auto& r) { return !matches(r); });
        records.assign(std::make_move_iterator(rest), std::make_move_iterator(endpoints_.end()));
        endpoints_.erase(rest, endpoints_.end());
        linger = effective_linger(type_, options_);
        for (const endpoint_record& r : records)
        {
            drop_peers_of(r.origin);
            if (const auto l = links_.find(r.via.get()); l != links_.end())
                l->second.finishing = true;
        }
        serve();
    }
    if (records.empty())
        return errc::no_such_endpoint;
    for (const endpoint_record& r : records)
    {
        if (r.via)
            r.via->finish(linger);
        else
            context_->names().forget(r.given, r.inproc);
    }
    return {};
}

std::vector<std::string> socket_core::bound_endpoints() const
{
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all;
    for (const endpoint_record& r : endpoints_)
    {
        if (r.kind == endpoint_kind::bound || r.kind == endpoint_kind::inproc_bound)
            all.push_back(r.bound);
    }
    return all;
}

std::string socket_core::last_connect_routing_id() const
{
    const std::lock_guard lock(mutex_);
    return pattern_->last_connect_routing_id();
}

void socket_core::forget_endpoints_of(const void* origin) noexcept
{
    std::erase_if(
        endpoints_, [origin](const auto& r) { return r.origin != nullptr && r.origin == origin; });
}

}  // namespace ferry::detail
