// What PUB and XPUB share: who subscribed to what, and sending accordingly. RFC 29.
#include "patterns/pubsub/publisher.hpp"

#include "patterns/routing/delivery.hpp"

namespace ferry::patterns
{

using detail::message_access;
using detail::message_role;

void publisher::attach(const std::shared_ptr<pipe_end>& pipe)
{
    if (contains(*pipe))
        return;
    if (free_numbers_.empty())
    {
        free_numbers_.push_back(static_cast<std::uint32_t>(peers_.size()));
        peers_.emplace_back();
    }
    pipe->slots.other = free_numbers_.back();
    free_numbers_.pop_back();
    peers_[pipe->slots.other] = {pipe.get(), false};
    outgoing_.attach(pipe);
    drain(*pipe);
}

void publisher::connected(pipe_end& pipe)
{
    drain(pipe);
    peer& known = peers_[pipe.slots.other];
    if (known.had_connection)
        forget_subscriptions(pipe);
    known.had_connection = true;
    if (!options_.xpub_welcome_message.empty() && pipe.can_write())
        put(pipe, message(options_.xpub_welcome_message), results_);
}

void publisher::detach(pipe_end& pipe)
{
    discard_unread(pipe, drop_reason::disconnected, results_);
    forget_subscriptions(pipe);
    if (next_is_for_ == &pipe)
        next_is_for_ = nullptr;
    outgoing_.detach(pipe);
    peers_[pipe.slots.other] = {};
    free_numbers_.push_back(number_of(pipe));
    pipe.slots.other = pipe_end::routing_slots::none;
}

void publisher::drain(pipe_end& pipe)
{
    message m;
    while (pipe.read(m, results_.wakes))
        take_in(pipe, std::move(m));
}

void publisher::take_in(pipe_end& pipe, message&& m)
{
    const message_role role = message_access::role(m);
    if (role != message_role::data)
    {
        change(pipe, {role == message_role::subscribe, m.front().text()});
        return;
    }
    const auto rule =
        options_.only_first_subscribe ? later_frames::behind_a_subscription : later_frames::all;
    extract_subscriptions(m, rule, [&](const subscription_change& what) { change(pipe, what); });
    if (m.empty())
        return;
    if (inbox_ != nullptr)
        inbox_->push_back({std::move(m)});
    else
        results_.drop(drop_reason::unexpected_input, std::move(m), pipe);
}

outcome publisher::send(message& m)
{
    match(m.front().text());
    if (outgoing_.matching() == 0)
    {
        next_is_for_ = nullptr;
        results_.drop(drop_reason::no_subscriber, std::move(m));
        return outcome::done();
    }
    if (options_.xpub_no_drop && !outgoing_.all_have_room())
        return outcome::would_block();
    next_is_for_ = nullptr;
    outgoing_.send(std::move(m), results_);
    return outcome::done();
}

bool publisher::send_octets(std::span<const std::byte> body)
{
    match({reinterpret_cast<const char*>(body.data()), body.size()});
    if (options_.xpub_no_drop && !outgoing_.all_have_room())
        return false;
    if (outgoing_.matching() == 0)
        results_.drop(drop_reason::no_subscriber, message(body));
    else if (!outgoing_.send_octets(body, results_))
        outgoing_.send(message(body), results_);  // rather than match() once more
    return true;
}

outcome publisher::check_send(std::string_view topic)
{
    if (!options_.xpub_no_drop)
        return outcome::done();
    match(topic);
    return outgoing_.all_have_room() ? outcome::done() : outcome::would_block();
}

std::size_t publisher::subscribers(std::string_view topic)
{
    match(topic);
    return outgoing_.matching();
}

void publisher::match(std::string_view topic)
{
    outgoing_.match_none();
    subscriptions_.match(
        topic, [&](std::uint32_t number) { outgoing_.match(*peers_[number].pipe); });
    if (options_.invert_matching)
        outgoing_.invert();
    if (next_is_for_ != nullptr) [[unlikely]]
        outgoing_.keep_only(*next_is_for_);
}

void publisher::apply(const pipe_end& pipe, const subscription_change& what)
{
    if (!contains(pipe))
        return;
    if (what.subscribe)
        subscriptions_.add(what.topic, number_of(pipe));
    else
        subscriptions_.remove(what.topic, number_of(pipe));
}

void publisher::change(pipe_end& pipe, const subscription_change& what)
{
    const std::uint32_t number = number_of(pipe);
    bool is_news = true;
    if (options_.xpub_manual && what.subscribe)
        asked_for_.add(what.topic, number);
    else if (options_.xpub_manual)
        asked_for_.remove(what.topic, number);
    else if (what.subscribe)
        is_news = subscriptions_.add(what.topic, number).is_first || options_.xpub_verbose ||
            options_.xpub_verboser;
    else  // the end of what nobody had is passed on, too
        is_news = subscriptions_.remove(what.topic, number).is_last || options_.xpub_verboser;
    if (is_news)
        notify(what, &pipe);
}

void publisher::forget_subscriptions(pipe_end& pipe)
{
    const std::uint32_t number = number_of(pipe);
    asked_for_.remove_all(number, [&](std::string_view topic, bool) {
        notify({false, topic}, nullptr);
    });
    subscriptions_.remove_all(number, [&](std::string_view topic, bool is_last) {
        if (!options_.xpub_manual && (is_last || options_.xpub_verboser))
            notify({false, topic}, nullptr);
    });
}

void publisher::notify(const subscription_change& what, pipe_end* who)
{
    if (inbox_ == nullptr)
        return;
    news item{subscription_frame(what.subscribe, what.topic), true, nullptr};
    if (who != nullptr)
        message_access::set_peer(item.m, who->peer());
    if (who != nullptr && options_.xpub_manual)
        item.who = who->shared();
    inbox_->push_back(std::move(item));
}

}  // namespace ferry::patterns
