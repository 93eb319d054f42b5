#include "patterns/wake_list.hpp"

#include <string>

#include "patterns/pipe.hpp"
#include "tests/support/catch.hpp"

using namespace ferry::patterns;

namespace
{

struct noting_owner final : pipe_owner
{
    void on_readable(pipe_end&) noexcept override { told += 'r'; }
    void on_writable(pipe_end&) noexcept override { told += 'w'; }
    void on_peer_closed(pipe_end&) noexcept override { told += 'c'; }
    void finish_writing(pipe_end&) noexcept override {}

    std::string told;
};

}  // namespace

TEST_CASE("owners are told in the order of the list, which is empty afterwards")
{
    const auto owner = std::make_shared<noting_owner>();
    const pipe_pair pipe = make_pipe({});
    pipe.a->set_owner(owner);
    wake_list wakes;
    CHECK(wakes.empty());
    wakes.add(pipe.a, wake_list::reason::readable);
    wakes.add(pipe.a, wake_list::reason::closed);
    wakes.add(pipe.a, wake_list::reason::writable);
    CHECK_FALSE(wakes.empty());
    wakes.run();
    CHECK(owner->told == "rcw");
    CHECK(wakes.empty());
    wakes.run();
    CHECK(owner->told == "rcw");
}

TEST_CASE("an end whose owner is gone, or that never had one, is passed over")
{
    const pipe_pair pipe = make_pipe({});
    pipe.a->set_owner(std::make_shared<noting_owner>());
    wake_list wakes;
    wakes.add(pipe.a, wake_list::reason::readable);
    wakes.add(pipe.b, wake_list::reason::readable);
    wakes.run();
    CHECK(wakes.empty());
}
