// ROUTER with router_raw: peers that speak no ZMTP, treated as a ROUTER treats peers.

#include "tests/integration/stream_octets.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a raw ROUTER answers a raw peer, and lets it go")
{
    context context;
    router_socket server{context, {.router_raw = true}};
    raw_peer browser = raw_peer::connect(server.bind(any_port));
    const std::string id = take_notice(server);
    CHECK(id.size() == 5);
    CHECK(id[0] == '\0');
    browser.send("question");
    CHECK(take_octets(server, id, 8) == "question");
    give(server, message::of(id, "answer"));
    give(server, message::of(id, ""));
    CHECK(browser.read(6) == "answer");
    CHECK(browser.wait_for_end());
    server.send(message::of(id, "late"));
    CHECK(server.stats().dropped(drop_reason::unroutable) == 1);
    CHECK_FALSE(server.try_receive());
}

TEST_CASE("a raw ROUTER tells when its peer leaves; with mandatory, nobody is there then")
{
    context context;
    router_socket server{context, {.router_mandatory = true, .router_raw = true}};
    const std::string endpoint = server.bind(any_port);
    CHECK(error_of([&] { server.send(message::of("nobody", "x")); }) == errc::no_route);
    std::string id;
    {
        raw_peer visitor = raw_peer::connect(endpoint);
        id = take_notice(server);
        visitor.send("bye");
    }
    CHECK(take_octets(server, id, 3) == "bye");
    CHECK(take_notice(server) == id);
    CHECK(error_of([&] { server.send(message::of(id, "x")); }) == errc::no_route);
}

TEST_CASE("a raw ROUTER connects under an id of its choice, and again when the connection is lost")
{
    context context;
    router_socket client{
        context, {.router_mandatory = true, .router_raw = true, .reconnect_interval = 1ms}};
    const raw_listener server;
    client.connect(server.endpoint(), {.connect_routing_id = "printer"});
    client.send(message::of("printer", "early"));
    {
        raw_peer printer = server.accept();
        CHECK(printer.read(5) == "early");
        printer.send("ok");
        CHECK(take_notice(client) == "printer");
        CHECK(take_octets(client, "printer", 2) == "ok");
    }
    CHECK(take_notice(client) == "printer");  // lost
    CHECK(take_notice(client) == "printer");  // and made again
    raw_peer printer = server.accept();
    client.send(message::of("printer", "again"));
    CHECK(printer.read(5) == "again");

    client.send(message::of("printer", ""));
    CHECK(printer.wait_for_end());
    CHECK(error_of([&] { client.send(message::of("printer", "x")); }) == errc::no_route);
    client.connect(server.endpoint(), {.connect_routing_id = "printer"});  // the id is free again
    raw_peer successor = server.accept();
    CHECK(take_notice(client) == "printer");
    client.send(message::of("printer", "new"));
    CHECK(successor.read(3) == "new");
}

TEST_CASE("one ROUTER may have raw peers at one endpoint, and ZMTP at another")
{
    context context;
    router_socket server{context};
    dealer_socket dealer{context, {.routing_id = "dealer"}};
    dealer.connect(server.bind(any_port));
    dealer.send(message::of("in", "frames"));
    CHECK(take(server) == message::of("dealer", "in", "frames"));

    raw_peer raw = raw_peer::connect(server.bind(any_port, {.router_raw = true}));
    const std::string id = take_notice(server);
    raw.send("octets");
    CHECK(take_octets(server, id, 6) == "octets");
    give(server, message::of(id, "to raw"));
    give(server, message::of("dealer", "to", "dealer"));
    give(server, message::of("dealer", ""));
    CHECK(raw.read(6) == "to raw");
    CHECK(take(dealer) == message::of("to", "dealer"));
    CHECK(take(dealer) == "");  // which lets raw peers go only
}

TEST_CASE("a raw ROUTER may be without notices, and has no raw peers over inproc")
{
    context context;
    router_socket server{context, {.router_raw = true, .stream_notify = false}};
    CHECK(error_of([&] { server.bind("inproc://raw"); }) == errc::incompatible_transport);
    CHECK(error_of([&] { server.connect("inproc://raw"); }) == errc::incompatible_transport);
    raw_peer visitor = raw_peer::connect(server.bind(any_port));
    visitor.send("octets");
    const message first = take(server);
    CHECK(first.size() == 2);
    CHECK(first.back() == "octets");
}
