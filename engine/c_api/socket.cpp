#include "engine/c_api/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include <zmq.h>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/monitor.hpp"

namespace ferry::c_api
{

namespace
{

using std::chrono::milliseconds;

socket_options first_options(const option_values& values)
{
    socket_options options;
    options.linger = milliseconds(values.linger);
    options.inproc_any_type = true;
    options.reconnect_early = false;
    options.limit_frames_only = true;
    return options;
}

/// The context waits for as many of these as there are closed sockets.
class departure
{
public:
    explicit departure(std::shared_ptr<c_socket> socket) noexcept : socket_(std::move(socket)) {}
    departure(departure&&) noexcept = default;
    departure& operator=(departure&&) = delete;
    ~departure()
    {
        if (socket_)
            socket_->owner().socket_gone();
    }
    // The connections have ended. If this is never called, the destructor says so all the same.
    void operator()(std::error_code, std::size_t) const noexcept {}

private:
    std::shared_ptr<c_socket> socket_;
};

}  // namespace

c_socket::c_socket(std::shared_ptr<context_handle> owner, int type, option_values values)
    : owner_(std::move(owner)), context_(owner_->face()), type_(type),
      face_(context_, static_cast<socket_type>(type), first_options(values)),
      is_raw_(type == ZMQ_STREAM), options_(std::move(values))
{
}

void c_socket::set_send_timeout(int timeout)
{
    face_.set_send_timeout(milliseconds(timeout));
    send_timeout_ = timeout;
}

void c_socket::set_receive_timeout(int timeout)
{
    face_.set_receive_timeout(milliseconds(timeout));
    receive_timeout_ = timeout;
}

void c_socket::set_relaxed(bool on)
{
    face_.set_req_relaxed(on);
    is_relaxed_ = on;
}

void c_socket::set_raw()
{
    options_.router_raw = true;
    is_raw_ = true;
}

// --- the end -------------------------------------------------------------------------------------

void c_socket::set_attachment(std::shared_ptr<void> attachment)
{
    std::unique_lock lock(attachment_mutex_);
    if (!is_closed_)
        attachment_.swap(attachment);
    lock.unlock();  // the old one goes without it
}

bool c_socket::has_attachment() const
{
    const std::lock_guard lock(attachment_mutex_);
    return attachment_ != nullptr;
}

std::shared_ptr<void> c_socket::attachment() const
{
    const std::lock_guard lock(attachment_mutex_);
    return attachment_;
}

void c_socket::close()
{
    std::shared_ptr<void> attachment;
    {
        const std::lock_guard lock(attachment_mutex_);
        is_closed_ = true;
        attachment.swap(attachment_);
    }
    attachment.reset();
    owner_->socket_closed();
    face_.async_close(departure(shared_from_this()));
}

// --- endpoints -----------------------------------------------------------------------------------

namespace
{

constexpr std::string_view inproc = "inproc://";

bool needs_thread(std::string_view endpoint) noexcept
{
    return endpoint.substr(0, inproc.size()) != inproc;
}

/// libzmq takes such an address without ZMQ_IPV6, too, and then never connects. Here it does.
bool names_ipv6(std::string_view endpoint) noexcept
{
    if (!endpoint.starts_with("tcp://"))
        return false;
    const std::string_view address = endpoint.substr(6);
    const std::size_t source_end = address.rfind(';');
    const std::string_view target =
        source_end == std::string_view::npos ? address : address.substr(source_end + 1);
    return std::count(target.begin(), target.end(), ':') > 1;
}

/// As given to bind: who unbinds it names what it became, ZMQ_LAST_ENDPOINT.
bool is_wildcard(std::string_view endpoint) noexcept
{
    return endpoint.starts_with("ipc://*") ||
        (endpoint.starts_with("tcp://") && (endpoint.ends_with(":*") || endpoint.ends_with(":0")));
}

}  // namespace

int c_socket::bind(std::string_view endpoint)
{
    const auto lock = lock_options();
    if (const int refusal = refusal_of(options_, endpoint))
        return refusal;
    if (needs_thread(endpoint) && !owner_->has_io_thread(options_.affinity))
        return EMTHREAD;
    const endpoint_options how = bind_options_of(options_, endpoint);
    if (how.descriptor && options_.is_fd_used)
        return EEXIST;  // it is another endpoint's, or closed
    std::error_code error;
    std::string bound = face_.bind(endpoint, how, error);
    if (error)
    {
        tell_of_failed_bind(*this, endpoint, error);
        return to_errno(error);
    }
    options_.is_fd_used = options_.is_fd_used || how.descriptor;
    options_.last_endpoint = std::move(bound);
    return 0;
}

int c_socket::connect(std::string_view endpoint)
{
    const auto lock = lock_options();
    if (const int refusal = refusal_of(options_, endpoint))
        return refusal;
    if (needs_thread(endpoint) && !owner_->has_io_thread(options_.affinity))
        return EMTHREAD;
    endpoint_options how = connect_options_of(options_, endpoint);
    how.ipv6 = *how.ipv6 || names_ipv6(endpoint);
    std::error_code error;
    face_.connect(endpoint, how, error);
    if (error)
        return to_errno(error);
    options_.connect_routing_id.clear();
    options_.last_endpoint = endpoint;
    return 0;
}

int c_socket::leave(std::string_view endpoint)
{
    const std::size_t scheme_end = endpoint.find("://");
    if (scheme_end == std::string_view::npos || scheme_end == 0 ||
        scheme_end + 3 == endpoint.size())
        return EINVAL;
    if (is_wildcard(endpoint))
        return ENOENT;
    std::error_code unbound;
    face_.unbind(endpoint, unbound);
    std::error_code disconnected;
    face_.disconnect(endpoint, disconnected);
    return unbound && disconnected ? to_errno(disconnected) : 0;
}

}  // namespace ferry::c_api

// --- zmq.h -----------------------------------------------------------------------------------------

using namespace ferry::c_api;

namespace
{

bool is_type(int type) noexcept
{
    return type >= ZMQ_PAIR && type <= ZMQ_STREAM;
}

option_values first_values(const context_handle& context, int type)
{
    option_values values;
    values.ipv6 = context.is_ipv6() ? 1 : 0;
    if (!context.is_blocky() || type == ZMQ_SUB || type == ZMQ_XSUB)
        values.linger = 0;
    return values;
}

// A call about an endpoint.
template <class Call>
int with_endpoint(void* socket, const char* endpoint, Call&& call)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    if (whole(s).owner().is_terminated())
        return fail(ETERM);
    if (endpoint == nullptr)
        return fail(EINVAL);
    return guarded([&] {
        const int error_number = call(whole(s));
        return error_number != 0 ? fail(error_number) : 0;
    });
}

}  // namespace

void* zmq_socket(void* context, int type)
{
    const context_pin c = find_context(context);
    if (!c)
        return nullptr;
    if (const int refusal = c->admit_socket())
        return fail_null(refusal);
    void* made = nullptr;
    if (is_type(type))
        made = guarded_pointer([&] {
            return add_handle(
                std::make_shared<c_socket>(c->shared_from_this(), type, first_values(*c, type)));
        });
    else
        errno = EINVAL;
    if (made == nullptr)
    {
        const int error_number = errno;
        c->socket_closed();
        c->socket_gone();
        errno = error_number;
    }
    return made;
}

int zmq_close(void* socket)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return all_sockets.forget_inherited(socket) ? 0 : -1;
    if (!close_handle(s))
        return fail(ENOTSOCK);
    (void)guarded([&] {
        whole(s).close();
        return 0;
    });
    return 0;
}

int zmq_bind(void* socket, const char* endpoint)
{
    return with_endpoint(socket, endpoint, [&](c_socket& s) { return s.bind(endpoint); });
}

int zmq_connect(void* socket, const char* endpoint)
{
    return with_endpoint(socket, endpoint, [&](c_socket& s) { return s.connect(endpoint); });
}

int zmq_unbind(void* socket, const char* endpoint)
{
    return with_endpoint(socket, endpoint, [&](c_socket& s) { return s.leave(endpoint); });
}

int zmq_disconnect(void* socket, const char* endpoint)
{
    return with_endpoint(socket, endpoint, [&](c_socket& s) { return s.leave(endpoint); });
}

int zmq_setsockopt(void* socket, int option, const void* value, size_t size)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    if (whole(s).owner().is_terminated())
        return fail(ETERM);
    return guarded([&] {
        const int error_number = set_option(whole(s), option, value, size);
        return error_number != 0 ? fail(error_number) : 0;
    });
}

int zmq_getsockopt(void* socket, int option, void* value, size_t* size)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    if (whole(s).owner().is_terminated())
        return fail(ETERM);
    if (value == nullptr || size == nullptr)
        return fail(EFAULT);
    return guarded([&] {
        const int error_number = get_option(whole(s), option, value, *size);
        return error_number != 0 ? fail(error_number) : 0;
    });
}
