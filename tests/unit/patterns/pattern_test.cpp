#include "patterns/pattern.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("subscriptions are the business of SUB, and of XPUB in manual mode, only")
{
    for (const auto type : {socket_type::pair, socket_type::push, socket_type::pull,
             socket_type::req, socket_type::rep, socket_type::dealer, socket_type::router,
             socket_type::pub, socket_type::xpub, socket_type::xsub})
    {
        pattern_rig rig(type);
        CHECK(rig->subscribe("A") == errc::not_supported);
        CHECK(rig->unsubscribe("A") == errc::not_supported);
        CHECK(rig->subscribers("A") == 0);
    }
}

TEST_CASE("a dropped message is counted, and destroyed by the one who drains the effects")
{
    patterns::effects results;
    results.drop(drop_reason::peer_gone, "x");
    CHECK(results.drops[std::size_t(drop_reason::peer_gone)] == 1);
    CHECK(results.discarded.size() == 1);
}
