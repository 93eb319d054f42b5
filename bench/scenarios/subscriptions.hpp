// Matching: very many subscriptions, and every message matches exactly one of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/scenarios/common.hpp"
#include "bench/scenarios/pub_sub.hpp"

namespace bench
{

/// Topics are dealt out to the subscribers in turn. The publisher goes through all topics in steps
/// of a prime number, which serves each subscriber in turn as well: all receive equally many.
struct subscriptions
{
    static constexpr socket_kind binding_kind = socket_kind::pub;
    static constexpr bool binder_reports = false;
    static constexpr bool counts_peers = false;

    template <class Library>
    static report binding(
        typename Library::context&, typename Library::socket& socket, const arguments& a)
    {
        const auto topics = all_topics(a);
        socket.wait_for_topics(topics);
        const measurement run;
        auto body = body_of(a.size);
        std::size_t topic = 0;
        for (std::uint64_t i = (messages_each(a) + 1) * a.peers; i > 0; --i)
        {
            std::memcpy(body.data(), topics[topic].data(), topics[topic].size());
            socket.send(body);
            topic = (topic + step) % topics.size();
        }
        socket.flush();
        wait_for_arrival(a);
        return {messages_each(a) * a.peers, run.span(), run.spent()};
    }

    template <class Library>
    static report connecting(typename Library::context& context, const arguments& a)
    {
        const auto topics = all_topics(a);
        const auto own = share_of(a.peers, a);
        return subscribe_in_parallel(own, messages_each(a), [&](std::size_t number) {
            typename Library::socket socket(context, socket_kind::sub, a);
            const std::size_t first = a.index + number * a.processes;
            for (std::size_t i = first; i < topics.size(); i += a.peers)
                socket.subscribe(topics[i]);
            socket.connect(a.endpoint);
            return count_messages(socket, messages_each(a), a.size);
        });
    }

private:
    static constexpr std::size_t step = 7919;

    static std::uint64_t messages_each(const arguments& a)
    {
        return std::max<std::uint64_t>(1, a.count / a.peers);
    }

    // As many as asked for, but equally many for each subscriber. All are equally long.
    static std::vector<std::string> all_topics(const arguments& a)
    {
        std::vector<std::string> topics(std::max<std::size_t>(1, a.topics / a.peers) * a.peers);
        for (std::size_t i = 0; i < topics.size(); ++i)
        {
            const auto number = std::to_string(i);
            topics[i] =
                "topic/" + std::string(6 - std::min<std::size_t>(6, number.size()), '0') + number;
        }
        if (topics.back().size() > a.size)
            throw std::invalid_argument("a message must have room for its topic");
        if (topics.size() % step == 0)
            throw std::invalid_argument("not a multiple of 7919 topics, please");
        return topics;
    }
};

}  // namespace bench
