// wait_for_room: until the one peer that a message is for has room.

#include <array>
#include <atomic>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

// A ROUTER whose peers are called "0", "1", ...; each holds few messages.
struct many_peers
{
    explicit many_peers(std::string_view transport, std::size_t count) : router(context, options())
    {
        const std::string endpoint = router.bind(anywhere(transport));
        for (std::size_t i = 0; i < count; ++i)
        {
            peers.emplace_back(context, peer_options(i));
            peers.back().connect(endpoint);
        }
        must(router.wait_for_peers(count, patience), "the peers did not come");
    }
    static socket_options options()
    {
        return {.send_hwm = 2, .router_mandatory = true, .send_buffer = 4096};
    }
    static socket_options peer_options(std::size_t number)
    {
        return {.receive_hwm = 2, .routing_id = std::to_string(number), .receive_buffer = 4096};
    }
    // Until nothing moves any more: the queues of both ends and the system's buffers are full.
    void fill(const std::string& peer)
    {
        while (router.wait_for_room(peer, 200ms))
            (void)router.try_send(message::of(peer, std::string(5000, 'x')));
    }

    ferry::context context;
    router_socket router;
    std::vector<dealer_socket> peers;
};

}  // namespace

TEST_CASE("wait_for_room waits for the peer that the message is for, and for no other")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    many_peers rig(transport, 2);
    CHECK(rig.router.wait_for_room("0", 0ms));
    rig.fill("0");
    CHECK(rig.router.can_send("1"));
    CHECK_FALSE(rig.router.wait_for_room("0", 20ms));

    background_call waiting(
        [&] { must(rig.router.wait_for_room("0", patience), "there was no room"); });
    CHECK_FALSE(waiting.ended(20ms));
    while (!waiting.ended(0ms))
        (void)rig.peers[0].receive_for(1ms);
    waiting.finish();
}

TEST_CASE("wait_for_room ends with an error when there is no way, or none any more")
{
    many_peers rig("tcp", 1);
    CHECK(error_of([&] { rig.router.wait_for_room("stranger"); }) == errc::no_route);
    rig.fill("0");
    std::error_code code;
    background_call waiting([&] { (void)rig.router.wait_for_room("0", patience, code); });
    rig.peers.clear();
    waiting.finish();
    CHECK(code == errc::no_route);

    background_call others(
        [&] { code = error_of([&] { dealer_socket{rig.context}.wait_for_room(""); }); });
    CHECK_FALSE(others.ended(5ms));
    rig.context.shutdown();
    others.finish();
    CHECK(code == errc::terminated);
}

TEST_CASE("nobody who waits for room is forgotten")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr std::size_t count = 3;
    constexpr int each = 2000;
    many_peers rig(transport, count);
    std::vector<background_call> calls;
    for (std::size_t i = 0; i < count; ++i)
    {
        calls.emplace_back([&rig, peer = std::to_string(i)] {
            for (int sent = 0; sent < each;)
            {
                must(rig.router.wait_for_room(peer, patience), "no room");
                sent += rig.router.try_send(message::of(peer, std::to_string(sent))) ? 1 : 0;
            }
        });
        calls.emplace_back([&socket = rig.peers[i]] {
            for (int next = 0; next < each; ++next)
                must(take(socket) == std::to_string(next), "out of order");
        });
    }
    for (background_call& call : calls)
        call.finish();
}
