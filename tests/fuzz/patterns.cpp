// Sequences of operations on a socket type with a handful of peers; what must hold holds after
// each of them.
//
// The first octet chooses the type, the second its options; then each operation is two octets:
// what, and which peer or message.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/support/pattern_rig.hpp"

namespace
{

using namespace ferry;
using namespace ferry::test;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

constexpr socket_type types[] = {socket_type::pair, socket_type::pub, socket_type::sub,
    socket_type::req, socket_type::rep, socket_type::dealer, socket_type::router, socket_type::pull,
    socket_type::push, socket_type::xpub, socket_type::xsub, socket_type::stream};

pattern_options options_of(std::uint8_t bits)
{
    return {.router_mandatory = (bits & 1) != 0,
        .router_handover = (bits & 2) != 0,
        .req_correlate = (bits & 4) != 0,
        .req_relaxed = (bits & 8) != 0,
        .probe_router = (bits & 16) != 0,
        .xpub_verbose = (bits & 1) != 0,
        .xpub_verboser = (bits & 2) != 0,
        .xpub_manual = (bits & 4) != 0,
        .xpub_no_drop = (bits & 8) != 0,
        .invert_matching = (bits & 32) != 0,
        .only_first_subscribe = (bits & 64) != 0,
        .xpub_welcome_message = (bits & 128) != 0 ? message("welcome") : message()};
}

message some_message(std::uint8_t bits)
{
    message m;
    for (int frames = bits % 4 + 1; frames != 0;
         --frames, bits = static_cast<std::uint8_t>(bits / 2))
        switch (bits / 4 % 8)
        {
        case 0: m.append(""); break;
        case 1: m.append("\1a"); break;
        case 2: m.append(std::string("\0a", 2)); break;
        case 3: m.append("A"); break;
        case 4: m.append(std::string(100, 'x')); break;
        case 5: m.append(std::string("\1\0\0\0", 4)); break;
        case 6: m.append(std::string("\0\0\0\0\0", 5)); break;
        case 7: m.append("B"); break;
        }
    return m;
}

class session
{
public:
    session(std::uint8_t type, std::uint8_t options)
        : type_(types[type % std::size(types)]), rig_(type_, options_of(options))
    {
    }

    void step(std::uint8_t what, std::uint8_t which)
    {
        switch (what % 16)
        {
        case 0: return add(which);
        case 1:
        case 2: return send(which);
        case 3:
        case 4: return receive();
        case 5: return rig_->set_options(options_of(which));
        case 6: return static_cast<void>(rig_->subscribe(which % 2 != 0 ? "a" : "A"));
        case 7: return static_cast<void>(rig_->unsubscribe(which % 2 != 0 ? "a" : "A"));
        default:
            if (!peers_.empty())
                peer_step(what % 16, *peers_[which % peers_.size()], which);
        }
    }
    void check()
    {
        if (settles_)
            rig_.settle();
        const auto& r = rig_.results;
        std::uint64_t drops = 0;
        for (const std::uint64_t count : r.drops)
            drops += count;
        require(drops >= last_drops_);
        last_drops_ = drops;
        for (const auto& list : {r.refused, r.finished})
            for (const auto& pipe : list)
                require(std::count(list.begin(), list.end(), pipe) == 1);
        for (const auto& pipe : r.refused)
            require(std::count(r.finished.begin(), r.finished.end(), pipe) == 0);
    }

private:
    void add(std::uint8_t which)
    {
        if (peers_.size() == 8)
            return;
        const char* ids[] = {"", "A", "B", "\0x"};
        peers_.push_back(&rig_.add_peer({.routing_id = ids[which % 4],
            .connect_routing_id = (which & 64) != 0 ? "B" : "",
            .connected = (which & 4) != 0,
            .to_peer_hwm = which / 8 % 4u,
            .from_peer_hwm = 4,
            .conflate = (which & 128) != 0}));
    }
    void send(std::uint8_t which)
    {
        const message original = some_message(which);
        message m = original;
        const bool possible = rig_->can_send();
        const outcome what = rig_->send(m);
        require(what.is_done() ? m.empty() : m == original);
        require((what.what == outcome::status::failed) == (what.code != errc{}));
        if (!possible)
            require(!what.is_done() || type_ == socket_type::router ||
                (type_ == socket_type::stream && original.back().empty()));
    }
    void receive()
    {
        const bool possible = rig_->can_receive();
        message m("untouched");
        const outcome what = rig_->receive(m);
        require(what.is_done() || m == message("untouched"));
        require(message_access::role(m) == message_role::data && !m.empty());
        if (what.is_done())
            require(possible);
    }
    void peer_step(int what, fake_peer& peer, std::uint8_t which)
    {
        switch (what)
        {
        case 8: return rig_.connect(peer);
        case 9: return rig_.disconnect(peer);
        case 10: return rig_->detach(peer.near());
        case 11: return peer.close();
        case 12:
            if (peer.far().can_write())
                peer.send(some_message(static_cast<std::uint8_t>(which / 8)));
            return;
        case 13: return (which & 8) != 0 ? peer.subscribe("a") : peer.cancel("a");
        case 14: static_cast<void>(peer.receive()); return;
        default: settles_ = (which & 8) != 0;  // or wake-ups come late
        }
    }

    socket_type type_;
    pattern_rig rig_;
    std::vector<fake_peer*> peers_;
    std::uint64_t last_drops_ = 0;
    bool settles_ = true;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    session run(data[0], data[1]);
    for (std::size_t i = 2; i + 1 < std::min<std::size_t>(size, 2000); i += 2)
    {
        run.step(data[i], data[i + 1]);
        run.check();
    }
    return 0;
}
