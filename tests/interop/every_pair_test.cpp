// Every legal pair of socket types, Ferry against libzmq, in both roles, either side bound.

#include <iostream>
#include <set>
#include <utility>

#include "tests/interop/speaker.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

struct pairing
{
    socket_type one;
    socket_type other;
};

// RFC 28 to 31, "Socket-Type".
const std::vector<pairing> legal_pairs{
    {socket_type::req, socket_type::rep},
    {socket_type::req, socket_type::router},
    {socket_type::dealer, socket_type::rep},
    {socket_type::dealer, socket_type::dealer},
    {socket_type::dealer, socket_type::router},
    {socket_type::router, socket_type::router},
    {socket_type::pub, socket_type::sub},
    {socket_type::pub, socket_type::xsub},
    {socket_type::xpub, socket_type::sub},
    {socket_type::xpub, socket_type::xsub},
    {socket_type::push, socket_type::pull},
    {socket_type::pair, socket_type::pair},
};

// What was tried, told once at the end.
struct tally
{
    std::set<std::pair<socket_type, socket_type>> pairs;  // Ferry's, libzmq's
    int connections = 0;
    int messages = 0;
    ~tally()
    {
        const auto [major, minor, patch] = zmq::version();
        if (connections > 0)
            std::cout << "interop with libzmq " << major << '.' << minor << '.' << patch << ": "
                      << pairs.size() << " pairs of socket types, either side bound, over tcp and"
                      << " ipc: " << connections << " connections, " << messages
                      << " messages compared\n";
    }
};
tally counted;

// One end of a conversation.
struct party
{
    speaker& voice;
    socket_type type;
    std::string name;
};

// How a body appears to `self`, on the way to or from `peer`: the envelope is the same.
frames enveloped(const party& self, const party& peer, const frames& body)
{
    frames result;
    if (self.type == socket_type::router)
        result.push_back(peer.name);
    const bool delimited = (self.type == socket_type::router && peer.type == socket_type::req) ||
        (self.type == socket_type::dealer && peer.type == socket_type::rep);
    if (delimited)
        result.emplace_back();
    result.insert(result.end(), body.begin(), body.end());
    return result;
}

void deliver(const party& from, const party& to, const frames& body)
{
    give(from.voice, to.voice, enveloped(from, to, body));
    frames received = take(to.voice, from.voice);
    while (received == frames{"are you there?"})
        received = take(to.voice, from.voice);
    ++counted.messages;
    CHECK((received == enveloped(to, from, body)));
}

// A publisher cannot always tell when a subscription has reached it: it asks until it is heard.
void establish_subscription(const party& publisher, const party& subscriber)
{
    if (subscriber.type == socket_type::sub)
        subscriber.voice.subscribe("");
    else
        give(subscriber.voice, publisher.voice, {"\1"});
    patiently(publisher.voice, subscriber.voice, "subscribing", [&] {
        publisher.voice.try_send({"are you there?"});
        return subscriber.voice.receive_for(2ms);
    });
}

// ThreadSanitizer takes a second for what else takes milliseconds.
#if defined(__SANITIZE_THREAD__)
constexpr std::size_t large_frame = std::size_t{1024} * 1024;
#else
constexpr std::size_t large_frame = std::size_t{10} * 1024 * 1024;
#endif

bool is_one_way(socket_type type)
{
    return type == socket_type::pub || type == socket_type::xpub || type == socket_type::push;
}

void converse(const party& one, const party& other)
{
    if (one.type == socket_type::pub || one.type == socket_type::xpub)
        establish_subscription(one, other);
    for (const frames& body :
        {frames{"single"}, frames{"several", "frames", "of", "one"}, frames{""},
            frames{"", "x", "", ""}, frames{std::string(255, 's'), std::string(256, 'l')},
            frames{std::string(large_frame, 'L')}, frames{"after", std::string(70'000, 'm')}})
    {
        deliver(one, other, body);
        if (!is_one_way(one.type))
            deliver(other, one, body);
    }
}

}  // namespace

TEST_CASE("Ferry and libzmq understand each other in every legal pair of socket types")
{
    const pairing pair = GENERATE(from_range(legal_pairs));
    const bool ferry_first = GENERATE(true, false);
    const bool ferry_binds = GENERATE(true, false);
    const std::string transport = GENERATE(as<std::string>{}, "tcp", "ipc");
    if (!ferry_first && pair.one == pair.other)
        return;  // the mirror image of itself
    const std::string one(to_string(pair.one));
    const std::string other(to_string(pair.other));
    CAPTURE(one, other, ferry_first, ferry_binds, transport);

    const auto options = [](socket_type type, std::string name) {
        const bool named =
            type == socket_type::req || type == socket_type::dealer || type == socket_type::router;
        return speaker_options{
            .routing_id = named ? std::move(name) : "", .mandatory = type == socket_type::router};
    };
    const socket_type ferry_type = ferry_first ? pair.one : pair.other;
    const socket_type zmq_type = ferry_first ? pair.other : pair.one;
    encounter both(ferry_type, zmq_type, options(ferry_type, "ferry"), options(zmq_type, "libzmq"));
    both.join(ferry_binds, transport);
    counted.pairs.emplace(ferry_type, zmq_type);
    ++counted.connections;

    const party ferry_party{both.here, ferry_type, "ferry"};
    const party zmq_party{both.there, zmq_type, "libzmq"};
    if (ferry_first)
        converse(ferry_party, zmq_party);
    else
        converse(zmq_party, ferry_party);
}
