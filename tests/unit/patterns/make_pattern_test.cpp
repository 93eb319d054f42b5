#include "patterns/factories.hpp"
#include "patterns/pattern.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

constexpr socket_type all_types[] = {socket_type::pair, socket_type::pub, socket_type::sub,
    socket_type::req, socket_type::rep, socket_type::dealer, socket_type::router, socket_type::pull,
    socket_type::push, socket_type::xpub, socket_type::xsub, socket_type::stream};

}  // namespace

TEST_CASE("every type has a pattern")
{
    patterns::effects results;
    for (const auto type : all_types)
        CHECK(patterns::make_pattern(type, {}, results) != nullptr);
}

TEST_CASE("without a peer: who can send, who cannot, and who never may")
{
    const auto result = [](socket_type type, pattern_options options = {}) {
        pattern_rig rig(type, options);
        const bool said = rig.can_send();
        const outcome what = rig.send(message::of("id", "x"));
        const bool would_not_block = what.what != outcome::status::would_block;
        CHECK((said == would_not_block || what.what == outcome::status::failed));
        return what;
    };
    for (const auto type :
        {socket_type::push, socket_type::dealer, socket_type::req, socket_type::pair})
        CHECK(result(type).what == outcome::status::would_block);
    for (const auto type :
        {socket_type::pub, socket_type::xpub, socket_type::xsub, socket_type::router})
        CHECK(result(type).is_done());
    CHECK(result(socket_type::router, {.router_mandatory = true}).code == errc::no_route);
    CHECK(result(socket_type::stream).code == errc::no_route);
    CHECK(result(socket_type::rep).code == errc::wrong_state);
    CHECK(result(socket_type::sub).code == errc::not_supported);
    CHECK(result(socket_type::pull).code == errc::not_supported);
}

TEST_CASE("with nothing there: who may wait for a message, and who may not")
{
    for (const auto type : all_types)
    {
        pattern_rig rig(type);
        rig.add_peer();
        message m("untouched");
        const outcome what = rig->receive(m);
        CHECK_FALSE(rig.can_receive());
        CHECK(m == message("untouched"));
        if (type == socket_type::req)
            CHECK(what.code == errc::wrong_state);
        else if (type == socket_type::push || type == socket_type::pub)
            CHECK(what.code == errc::not_supported);
        else
            CHECK(what.what == outcome::status::would_block);
    }
}

TEST_CASE("calls about pipes that a pattern does not know are ignored: wake-ups come late")
{
    for (const auto type : all_types)
    {
        pattern_rig rig(type);
        auto& gone = rig.add_peer();
        rig.detach(gone);
        rig->readable(gone.near());
        rig->writable(gone.near());
        rig->disconnected(gone.near());
        rig->connected(gone.near(), {});
        rig->peer_closed(gone.near());
        rig.detach(gone);
        CHECK(rig.results.finished.empty());
        CHECK(rig.results.refused.empty());
        CHECK(rig.all_drops() == 0);
    }
}

TEST_CASE("a pipe closed by its peer ends up in the finished ones exactly once, for every type")
{
    for (const auto type : all_types)
    {
        pattern_rig rig(type);
        auto& peer = rig.add_peer();
        rig.close(peer);
        CHECK(rig.is_finished(peer));
        rig->peer_closed(peer.near());
        CHECK(rig.results.finished.size() == 1);
    }
}

TEST_CASE("a message that was sent before its peer attached is not overlooked")
{
    for (const auto type : {socket_type::pair, socket_type::pull, socket_type::dealer,
             socket_type::router, socket_type::xsub, socket_type::stream})
    {
        pattern_rig rig(type);
        fake_peer early({}, rig.results.wakes);
        early.send("early");
        rig->attach(early.near_shared(), {});
        rig->connected(early.near(), {});
        CHECK(rig.can_receive());
        CHECK(rig.receive()->back() == "early");
    }
}
