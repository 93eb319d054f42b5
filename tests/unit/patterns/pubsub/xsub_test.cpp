#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

using records = std::vector<std::string>;
const std::string cancel_t("\0t", 2);

}  // namespace

TEST_CASE("messages of 01 and 00 become subscriptions and their ends at every connected publisher")
{
    pattern_rig rig(socket_type::xsub);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer({.connected = false});
    CHECK(rig.send("\1t").is_done());
    CHECK(a.records() == records{"+t"});
    CHECK(b.records().empty());
    rig.connect(b);
    CHECK(b.records() == records{"+t"});
    CHECK(rig.send(cancel_t).is_done());
    CHECK(a.records() == records{"-t"});
    CHECK(b.records() == records{"-t"});
}

TEST_CASE("the end of a subscription that is not held is swallowed; a second subscription is not")
{
    pattern_rig rig(socket_type::xsub);
    auto& peer = rig.add_peer();
    CHECK(rig.send(cancel_t).is_done());
    CHECK(rig.send("\1t").is_done());
    CHECK(rig.send("\1t").is_done());
    CHECK(peer.records() == records{"+t", "+t"});
}

TEST_CASE("everything else is data for all publishers")
{
    pattern_rig rig(socket_type::xsub);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    CHECK(rig.send(message::of("\2x", "y")).is_done());
    CHECK(rig.send("").is_done());
    for (auto* peer : {&a, &b})
    {
        CHECK(peer->receive() == message::of("\2x", "y"));
        CHECK(peer->receive() == message(""));
    }
}

TEST_CASE("later frames are examined unless only_first_subscribe")
{
    for (const bool only_first : {false, true})
    {
        pattern_rig rig(socket_type::xsub, {.only_first_subscribe = only_first});
        auto& a = rig.add_peer();
        CHECK(rig.send(message::of("\1C", "\1D", "x")).is_done());
        message m;
        std::string order;
        while (a.far().read(m, rig.results.wakes))
            order += std::to_string(int(message_access::role(m))) + m.front().string() +
                std::to_string(m.size()) + " ";
        CHECK(order == (only_first ? "1C1 0\1D2 " : "1C1 1D1 0x1 "));
    }
}

TEST_CASE("XSUB does not filter, and can always send")
{
    pattern_rig rig(socket_type::xsub);
    CHECK(rig.can_send());
    CHECK(rig.send("data").is_done());
    auto& peer = rig.add_peer({.to_peer_hwm = 1});
    peer.send("not subscribed");
    CHECK(rig.receive() == message("not subscribed"));
    CHECK(rig.send("1").is_done());
    CHECK(rig.send("2").is_done());
    CHECK(rig.drops(drop_reason::subscriber_full) == 1);
    CHECK(rig.can_send());
}

TEST_CASE("a publisher that left gets neither data nor subscriptions")
{
    pattern_rig rig(socket_type::xsub);
    auto& gone = rig.add_peer();
    gone.send("last words");
    rig.close(gone);
    CHECK(rig.send("data").is_done());
    CHECK(rig.send("\1t").is_done());
    CHECK_FALSE(gone.receive());
    CHECK(rig.receive() == message("last words"));
    CHECK(rig.is_finished(gone));
}
