#include "engine/inproc_link.hpp"

#include <utility>

#include "engine/connection_record.hpp"
#include "engine/settings.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

namespace
{

// A direction holds what the sender may queue plus what the receiver may; 0 is unlimited.
std::size_t sum(std::size_t sender, std::size_t receiver) noexcept
{
    return sender == 0 || receiver == 0 ? 0 : sender + receiver;
}

}  // namespace

inproc_link::inproc_link(
    const std::shared_ptr<socket_core>& connector, std::string name, const socket_options& options)
    : connector_(connector), name_(std::move(name)), announcement_{connector->type(),
                                                         options.routing_id, options.properties},
      conflate_(conflates(connector->type(), options)), takes_any_type_(options.inproc_any_type),
      connecting_events_(name_, true),
      binding_events_(name_, false), connecting_{options.send_hwm, options.receive_hwm}
{
}

bool inproc_link::attach(const std::string& connect_routing_id)
{
    patterns::pipe_options queues;
    queues.a_to_b_hwm = connecting_.send;
    queues.b_to_a_hwm = connecting_.receive;
    queues.conflate = conflate_;
    queues.count = true;
    patterns::pipe_pair pipe = patterns::make_pipe(queues);
    near_ = std::move(pipe.a);
    far_ = std::move(pipe.b);

    patterns::attachment how;
    how.initiated_here = true;
    how.connect_routing_id = connect_routing_id;
    return connector_.lock()->attach_existing(near_, how, this, shared_from_this());
}

bool inproc_link::join(socket_core& binder)
{
    std::shared_ptr<socket_core> connector = connector_.lock();
    if (connector && connector->is_closing())
        connector.reset();
    binder_ = binder.weak_from_this();
    const socket_options bound = binder.options_of_name(name_);
    binding_events_.met(binder);
    if (connector)
        connecting_events_.met(*connector);

    patterns::wake_list wakes;
    const bool any_type = takes_any_type_ || bound.inproc_any_type;
    if (!any_type && !are_compatible(binder.type(), announcement_.type))
    {
        far_->close(wakes);
        wakes.run();
        binding_events_.failed(binder, protocol_errc::incompatible_socket_type);
        if (connector)
            connecting_events_.failed(*connector, protocol_errc::incompatible_socket_type);
        binder.count_failure(handshake_failure::incompatible_type);
        if (connector)
            connector->count_failure(handshake_failure::incompatible_type);
        return false;
    }
    joined_ = true;
    change_send_hwm(*far_, bound.send_hwm);
    change_receive_hwm(*far_, bound.receive_hwm, wakes);
    wakes.run();
    if (binder.attach_existing(far_, {}, this, shared_from_this()))
    {
        introduce(binder, bound, connector.get());
        return true;
    }
    far_->close(wakes);  // the binder closes at this moment
    wakes.run();
    if (connector)
        connecting_events_.failed(*connector, errc::connection_closed);
    return true;
}

// Each learns who the other is, as from a handshake.
void inproc_link::introduce(
    socket_core& binder, const socket_options& bound, socket_core* connector)
{
    const auto why_not = [](const patterns::pipe_end& end) {
        return end.is_closed() ? errc::peer_refused : errc::connection_closed;
    };
    patterns::peer_info connecting;
    connecting.routing_id = announcement_.routing_id;
    connecting.type = announcement_.type;
    if (binder.connected(*far_, connecting, {}, describe(connecting)))
        binding_events_.succeeded(binder, announcement_);
    else
        binding_events_.failed(binder, why_not(*far_));
    if (connector != nullptr)
    {
        patterns::peer_info binding;
        binding.routing_id = bound.routing_id;
        binding.type = binder.type();
        if (connector->connected(*near_, binding, {}, describe(binding)))
            connecting_events_.succeeded(
                *connector, {binder.type(), bound.routing_id, bound.properties});
        else
            connecting_events_.failed(*connector, why_not(*near_));
    }
    if (far_->peer_is_closed())
        binder.on_peer_closed(*far_);
}

// --- the end of it, for the monitors -------------------------------------------------------------

void inproc_link::lost(const patterns::pipe_end& end) noexcept
{
    if (is_near(end))
        connecting_events_.lost(connector_.lock().get());
    else
        binding_events_.lost(binder_.lock().get());
}

void inproc_link::on_peer_closed(patterns::pipe_end& end) noexcept
{
    if (is_near(end))
        connecting_events_.left(connector_.lock().get());
    else
        binding_events_.left(binder_.lock().get());
}

void inproc_link::give_up(patterns::pipe_end& end, patterns::wake_list& wakes)
{
    end.set_owner(weak_from_this());
    wakes.add({shared_from_this(), &end}, patterns::wake_list::reason::closed);  // keeps us alive
}

// --- marks ---------------------------------------------------------------------------------------

std::shared_ptr<connection_record> inproc_link::describe(const patterns::peer_info& peer) const
{
    auto record = std::make_shared<connection_record>();
    record->endpoint = std::make_shared<const std::string>(name_);
    record->type = peer.type;
    record->set_routing_id(peer.routing_id);
    return record;
}

inproc_link::share& inproc_link::own_share(const patterns::pipe_end& end) noexcept
{
    return is_near(end) ? connecting_ : binding_;
}

inproc_link::share& inproc_link::other_share(const patterns::pipe_end& end) noexcept
{
    return is_near(end) ? binding_ : connecting_;
}

void inproc_link::change_send_hwm(patterns::pipe_end& end, std::size_t messages)
{
    own_share(end).send = messages;
    end.set_send_hwm(joined_ ? sum(messages, other_share(end).receive) : messages);
}

void inproc_link::change_receive_hwm(
    patterns::pipe_end& end, std::size_t messages, patterns::wake_list& wakes)
{
    own_share(end).receive = messages;
    if (joined_)
        end.set_receive_hwm(sum(other_share(end).send, messages), wakes);
}

}  // namespace ferry::detail
