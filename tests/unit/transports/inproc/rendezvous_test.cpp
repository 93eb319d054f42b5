#include "transports/inproc/rendezvous.hpp"

#include <atomic>
#include <thread>

#include "tests/support/catch.hpp"

using ferry::transports::rendezvous;
using party = rendezvous::party;

namespace
{

party someone()
{
    return std::make_shared<int>(0);
}

bool bind_name(
    rendezvous& names, const std::string& name, const party& binder, std::vector<party>& waiting)
{
    return names.reserve(name, binder) && names.open(name, binder, waiting);
}

}  // namespace

TEST_CASE("a connector finds the binder of its name, and of no other")
{
    rendezvous names;
    const auto binder = someone();
    std::vector<party> waiting{someone()};
    CHECK(bind_name(names, "a", binder, waiting));
    CHECK(waiting.empty());
    CHECK(names.connect("a", someone()) == binder);
    CHECK(names.connect("A", someone()) == nullptr);
}

TEST_CASE("a name has one binder at a time")
{
    rendezvous names;
    const auto first = someone();
    const auto second = someone();
    std::vector<party> waiting;
    CHECK(bind_name(names, "a", first, waiting));
    CHECK(!bind_name(names, "a", second, waiting));
    CHECK(!bind_name(names, "a", first, waiting));
    CHECK(bind_name(names, "b", first, waiting));
    CHECK(!names.unbind("a", second));
    CHECK(!names.unbind("c", first));
    CHECK(names.unbind("a", first));
    CHECK(!names.unbind("a", first));
    CHECK(bind_name(names, "a", second, waiting));
    CHECK(names.connect("b", someone()) == first);
}

TEST_CASE("those who connect first wait in order, and are handed over once")
{
    rendezvous names;
    const auto binder = someone();
    const auto one = someone();
    const auto two = someone();
    CHECK(!names.connect("a", one));
    CHECK(!names.connect("a", two));
    CHECK(!names.connect("a", one));  // a socket may connect to one name twice
    CHECK(!names.connect("b", two));
    std::vector<party> waiting;
    CHECK(bind_name(names, "a", binder, waiting));
    CHECK(waiting == std::vector<party>{one, two, one});
    CHECK(names.unbind("a", binder));
    CHECK(bind_name(names, "a", binder, waiting));
    CHECK(waiting.empty());
}

TEST_CASE("a reserved name is taken, and who connects waits until it is opened")
{
    rendezvous names;
    const auto binder = someone();
    const auto connector = someone();
    CHECK(names.reserve("a", binder));
    CHECK(!names.reserve("a", someone()));
    CHECK(!names.find("a"));
    CHECK(!names.connect("a", connector));
    std::vector<party> waiting;
    CHECK(!names.open("a", someone(), waiting));
    CHECK(names.open("a", binder, waiting));
    CHECK(waiting == std::vector<party>{connector});
    CHECK(names.find("a") == binder);
    CHECK(!names.open("a", binder, waiting));
}

TEST_CASE("a name that was given back before it was opened stays free")
{
    rendezvous names;
    const auto binder = someone();
    CHECK(names.reserve("a", binder));
    CHECK(names.unbind("a", binder));
    std::vector<party> waiting;
    CHECK(!names.open("a", binder, waiting));
    CHECK(!names.find("a"));
}

TEST_CASE("who was forgotten waits no longer")
{
    rendezvous names;
    const auto binder = someone();
    const auto one = someone();
    const auto two = someone();
    CHECK(!names.forget("a", one));
    CHECK(!names.connect("a", one));
    CHECK(!names.connect("a", two));
    CHECK(names.forget("a", one));
    CHECK(!names.forget("a", one));
    std::vector<party> waiting;
    CHECK(bind_name(names, "a", binder, waiting));
    CHECK(waiting == std::vector<party>{two});
    CHECK(!names.forget("a", two));
}

TEST_CASE("a binder that is gone frees its name by itself")
{
    rendezvous names;
    std::vector<party> waiting;
    auto gone = someone();
    CHECK(bind_name(names, "a", gone, waiting));
    CHECK(bind_name(names, "b", gone, waiting));
    gone.reset();

    const auto connector = someone();
    CHECK(names.connect("a", connector) == nullptr);
    const auto binder = someone();
    CHECK(bind_name(names, "a", binder, waiting));
    CHECK(waiting == std::vector<party>{connector});
    CHECK(bind_name(names, "b", binder, waiting));
}

TEST_CASE("threads that bind and connect at once lose nobody")
{
    constexpr int rounds = 500;
    rendezvous names;
    std::atomic<int> met = 0;
    std::thread connecting([&] {
        for (int i = 0; i < rounds; ++i)
        {
            if (names.connect(std::to_string(i), someone()))
                ++met;
        }
    });
    std::vector<party> binders;
    for (int i = 0; i < rounds; ++i)
    {
        std::vector<party> waiting;
        binders.push_back(someone());
        if (bind_name(names, std::to_string(i), binders.back(), waiting))
            met += static_cast<int>(waiting.size());
    }
    connecting.join();
    CHECK(met == rounds);
}
