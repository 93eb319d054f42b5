#include "engine/inproc_link.hpp"

#include <utility>

#include "engine/settings.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

inproc_link::inproc_link(
    std::shared_ptr<socket_core> connector, std::string name, const socket_options& options)
    : connector_(connector), type_(connector->type()), name_(std::move(name)),
      routing_id_(options.routing_id), send_hwm_(options.send_hwm),
      receive_hwm_(options.receive_hwm), conflate_(conflates(connector->type(), options))
{
}

bool inproc_link::attach(const std::string& connect_routing_id)
{
    const auto connector = connector_.lock();
    pipe_request request;
    request.how.initiated_here = true;
    request.how.connect_routing_id = connect_routing_id;
    request.send_hwm = send_hwm_;
    request.receive_hwm = receive_hwm_;
    request.conflate = conflate_;
    request.origin = this;
    patterns::pipe_pair pipe = connector->attach(request);
    near_ = std::move(pipe.a);
    far_ = std::move(pipe.b);
    return near_ != nullptr;
}

bool inproc_link::join(socket_core& binder)
{
    if (!are_compatible(binder.type(), type_))
    {
        patterns::wake_list wakes;
        far_->close(wakes);
        wakes.run();
        return false;
    }
    const socket_options bound = binder.options();
    add_up_marks(bound);
    if (!binder.attach_existing(far_, {}, this))
        return true;  // the binder closes at this moment, and takes its end of the pipe along

    patterns::peer_info connecting;
    connecting.routing_id = routing_id_;
    connecting.type = type_;
    (void)binder.connected(*far_, connecting, {});
    if (const auto connector = connector_.lock())
    {
        patterns::peer_info binding;
        binding.routing_id = bound.routing_id;
        binding.type = binder.type();
        (void)connector->connected(*near_, binding, {});
    }
    if (far_->peer_is_closed())
        binder.on_peer_closed(*far_);
    return true;
}

// A direction holds what the sender may queue plus what the receiver may; 0 is unlimited.
void inproc_link::add_up_marks(const socket_options& binder)
{
    const auto sum = [](std::size_t sender, std::size_t receiver) {
        return sender == 0 || receiver == 0 ? std::size_t{0} : sender + receiver;
    };
    far_->set_receive_hwm(sum(send_hwm_, binder.receive_hwm));
    far_->set_send_hwm(sum(binder.send_hwm, receive_hwm_));
}

}  // namespace ferry::detail
