// How a socket ends.
#include <utility>

#include "engine/context_core.hpp"
#include "engine/inproc_link.hpp"
#include "engine/settings.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

void socket_core::begin_close() noexcept
{
    std::vector<std::shared_ptr<link>> links;
    std::vector<endpoint_record> endpoints;
    milliseconds linger{0};
    {
        const section locked(*this);
        if (closing_.exchange(true, std::memory_order_acq_rel))
            return;
        look_whether_plain();
        linger = effective_linger(type_, options_);
        fail_all_waiters(errc::closed);
        while (!peers_.empty())
        {
            const auto end = peers_.begin()->second.end;
            pattern_->detach(*end);
            forget_peer(*end);
        }
        for (const auto& [key, record] : links_)
            links.push_back(record.via);
        endpoints.swap(endpoints_);
    }
    for (const endpoint_record& record : endpoints)
    {
        if (record.kind == endpoint_kind::inproc_bound)
            close_name(record.given);
    }
    for (const auto& l : links)
    {
        if (linger == milliseconds{0})
            l->abort();
        else
            l->finish(linger);
    }
    if (links.empty())
        context_socket_may_be_done();
    close_monitors();
}

void socket_core::close_monitors() noexcept
{
    const std::lock_guard lock(monitors_mutex_);
    monitors_closed_ = true;
    for (const auto& weak : monitors_)
    {
        if (const auto queue = weak.lock())
            queue->close();
    }
}

std::size_t socket_core::wait_until_closed()
{
    if (context_->forbids_blocking())
        return given_up_so_far();  // waiting here would wait for ourselves
    {
        std::unique_lock<biased_lock> lock(mutex_);
        all_links_ended_.wait(lock, [this] { return links_.empty(); });
    }
    context_->socket_done(*this);
    return given_up_so_far();
}

std::size_t socket_core::given_up_so_far() const
{
    const std::lock_guard lock(mutex_);
    return given_up_;
}

void socket_core::context_socket_may_be_done() noexcept
{
    {
        const std::lock_guard lock(mutex_);
        if (!links_.empty())
            return;
    }
    context_->socket_done(*this);
}

void socket_core::terminate() noexcept
{
    const section locked(*this);
    terminated_ = true;
    look_whether_plain();
    fail_all_waiters(errc::terminated);
}

void socket_core::abandon() noexcept
{
    std::vector<std::shared_ptr<link>> links;
    std::vector<endpoint_record> endpoints;
    {
        const section locked(*this);
        terminated_ = true;
        closing_.store(true, std::memory_order_release);
        look_whether_plain();
        for (const auto& [key, record] : links_)
            links.push_back(record.via);
        links_.clear();
        endpoints.swap(endpoints_);
    }
    for (const auto& l : links)
        l->abandon();  // before their pipes close: nobody is to be told
    drop_waiters();
    {
        const section locked(*this);
        while (!peers_.empty())
        {
            const auto end = peers_.begin()->second.end;
            pattern_->detach(*end);
            forget_peer(*end);
        }
    }
    for (const endpoint_record& record : endpoints)
    {
        if (record.kind == endpoint_kind::inproc_bound)
            context_->names().unbind(record.given, weak_from_this());
    }
    close_monitors();
    context_->socket_done(*this);
}

// Whose step is on its way is dropped with that.
void socket_core::drop_waiters() noexcept
{
    std::vector<waiter*> waiting;
    {
        const section locked(*this);
        for (waiter_queue& queue : waiters_)
        {
            while (!queue.empty())
            {
                waiter& first = *queue.front();
                take_from_queue(queue, first);
                if (first.step_is_coming_)
                    first.drop();
                else
                    waiting.push_back(&first);
            }
        }
    }
    for (waiter* w : waiting)
        w->abandon();
}

}  // namespace ferry::detail
