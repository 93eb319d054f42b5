// One side goes away and comes back: the other finds it again and goes on.

#include "tests/interop/speaker.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

struct houses
{
    ferry::context ferry_context;
    zmq::context_t zmq_context;

    std::unique_ptr<speaker> make(bool ferry, socket_type type)
    {
        if (ferry)
            return std::make_unique<ferry_speaker>(ferry_context, type);
        return std::make_unique<zmq_speaker>(zmq_context, type);
    }
};

// libzmq lets a port or a path go a little after its socket was closed.
void bind_again(speaker& binding, speaker& other, const std::string& endpoint)
{
    patiently(binding, other, "binding", [&] {
        try
        {
            binding.bind(endpoint);
            return true;
        }
        catch (const std::exception&)
        {
            return false;
        }
    });
}

}  // namespace

TEST_CASE("a subscriber asks again when its publisher is back")
{
    const bool ferry_publishes = GENERATE(true, false);
    const std::string transport = GENERATE(as<std::string>{}, "tcp", "ipc");
    CAPTURE(ferry_publishes, transport);
    const place here{transport};
    houses both;
    const auto subscriber = both.make(!ferry_publishes, socket_type::sub);
    subscriber->subscribe("a");
    subscriber->connect(here.endpoint());
    for (int life = 0; life < 3; ++life)
    {
        const auto publisher = both.make(ferry_publishes, socket_type::xpub);
        bind_again(*publisher, *subscriber, here.endpoint());
        CHECK(take(*publisher, *subscriber) == frames{"\1a"});
        give(*publisher, *subscriber, {"a " + std::to_string(life)});
        CHECK(take(*subscriber, *publisher) == frames{"a " + std::to_string(life)});
    }
}

TEST_CASE("work queued while the worker is away is done when it is back")
{
    const bool ferry_pushes = GENERATE(true, false);
    const std::string transport = GENERATE(as<std::string>{}, "tcp", "ipc");
    CAPTURE(ferry_pushes, transport);
    const place here{transport};
    houses both;
    const auto sender = both.make(ferry_pushes, socket_type::push);
    sender->connect(here.endpoint());
    for (int i = 0; i < 100; ++i)
        give(*sender, *sender, {std::to_string(i)});

    const auto sink = both.make(!ferry_pushes, socket_type::pull);
    bind_again(*sink, *sender, here.endpoint());
    for (int i = 0; i < 100; ++i)
        REQUIRE(take(*sink, *sender) == frames{std::to_string(i)});
}

TEST_CASE("a DEALER finds its restarted ROUTER, under the same name")
{
    const bool ferry_routes = GENERATE(true, false);
    const std::string transport = GENERATE(as<std::string>{}, "tcp", "ipc");
    CAPTURE(ferry_routes, transport);
    const place here{transport};
    context context;
    zmq::context_t zmq_context;
    const speaker_options alice{.routing_id = "alice"};
    const speaker_options mandatory{.mandatory = true};
    std::unique_ptr<speaker> dealer;
    if (ferry_routes)
        dealer = std::make_unique<zmq_speaker>(zmq_context, socket_type::dealer, alice);
    else
        dealer = std::make_unique<ferry_speaker>(context, socket_type::dealer, alice);
    dealer->connect(here.endpoint());
    for (int life = 0; life < 3; ++life)
    {
        std::unique_ptr<speaker> router;
        if (ferry_routes)
            router = std::make_unique<ferry_speaker>(context, socket_type::router, mandatory);
        else
            router = std::make_unique<zmq_speaker>(zmq_context, socket_type::router, mandatory);
        bind_again(*router, *dealer, here.endpoint());
        give(*router, *dealer, {"alice", "hello"});
        CHECK(take(*dealer, *router) == frames{"hello"});
        give(*dealer, *router, {"hello yourself"});
        CHECK(take(*router, *dealer) == frames{"alice", "hello yourself"});
    }
}
