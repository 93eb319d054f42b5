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
    : connector_(connector), type_(connector->type()), name_(std::move(name)),
      routing_id_(options.routing_id),
      conflate_(conflates(connector->type(), options)), connecting_{
                                                            options.send_hwm, options.receive_hwm}
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
    if (!are_compatible(binder.type(), type_))
    {
        patterns::wake_list wakes;
        far_->close(wakes);
        wakes.run();
        binder.count_failure(handshake_failure::incompatible_type);
        if (const auto connector = connector_.lock())
            connector->count_failure(handshake_failure::incompatible_type);
        return false;
    }
    const socket_options bound = binder.options();
    joined_ = true;
    patterns::wake_list wakes;
    change_send_hwm(*far_, bound.send_hwm);
    change_receive_hwm(*far_, bound.receive_hwm, wakes);
    wakes.run();
    if (!binder.attach_existing(far_, {}, this, shared_from_this()))
    {
        far_->close(wakes);  // the binder closes at this moment
        wakes.run();
        return true;
    }

    patterns::peer_info connecting;
    connecting.routing_id = routing_id_;
    connecting.type = type_;
    (void)binder.connected(*far_, connecting, {}, describe(connecting));
    if (const auto connector = connector_.lock())
    {
        patterns::peer_info binding;
        binding.routing_id = bound.routing_id;
        binding.type = binder.type();
        (void)connector->connected(*near_, binding, {}, describe(binding));
    }
    if (far_->peer_is_closed())
        binder.on_peer_closed(*far_);
    return true;
}

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
    return &end == near_.get() ? connecting_ : binding_;
}

inproc_link::share& inproc_link::other_share(const patterns::pipe_end& end) noexcept
{
    return &end == near_.get() ? binding_ : connecting_;
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
