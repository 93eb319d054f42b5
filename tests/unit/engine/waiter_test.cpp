#include "engine/waiter.hpp"

#include "tests/support/catch.hpp"

using ferry::detail::waiter;
using ferry::detail::waiter_queue;

namespace
{

class idle_waiter final : public waiter
{
public:
    idle_waiter() : waiter(want::receive, nullptr) {}
    void complete() noexcept override {}
};

}  // namespace

TEST_CASE("waiters leave their queue in the order of their coming")
{
    waiter_queue queue;
    idle_waiter first;
    idle_waiter second;
    queue.push_back(first);
    queue.push_back(second);
    CHECK(queue.front() == &first);
    CHECK(queue.remove(first));
    CHECK(queue.front() == &second);
    CHECK(queue.remove(second));
    CHECK(queue.empty());
}

TEST_CASE("a waiter can leave from anywhere, and only once")
{
    waiter_queue queue;
    idle_waiter all[3];
    for (auto& w : all)
        queue.push_back(w);
    CHECK(queue.remove(all[1]));
    CHECK_FALSE(queue.remove(all[1]));
    CHECK(queue.front() == &all[0]);
    CHECK(waiter_queue::after(all[0]) == &all[2]);
    CHECK(queue.remove(all[2]));
    CHECK(queue.remove(all[0]));
    CHECK(queue.empty());
}
