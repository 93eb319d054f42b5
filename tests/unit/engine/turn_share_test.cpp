#include "engine/turn_share.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace ferry;

namespace
{

/// Keeps what it is given until it is told to run it.
class slow_loop final : public detail::session_loop
{
public:
    detail::read_buffers& buffers() noexcept override { return buffers_; }
    void run_soon(detail::turn_task& task) noexcept override { tasks_.push_back(&task); }
    void go_on(detail::turn_task& task) noexcept override { tasks_.push_back(&task); }
    void serve_others() noexcept override {}
    void count_blocked(int) noexcept override {}
    detail::flood_watch* floods() noexcept override { return nullptr; }

    /// How many there were.
    std::size_t run()
    {
        const auto due = std::exchange(tasks_, {});
        for (detail::turn_task* task : due)
            task->run_in_turn();
        return due.size();
    }

private:
    detail::read_buffers buffers_;
    std::vector<detail::turn_task*> tasks_;
};

class driver : public std::enable_shared_from_this<driver>
{
    friend class detail::turn_share<driver>;
    slow_loop& loop_;

public:
    explicit driver(slow_loop& loop) : loop_(loop), share(*this) {}
    void do_due(unsigned what) noexcept { done += "due " + std::to_string(what) + ' '; }
    void go_on(bool reads, bool writes) noexcept
    {
        done += std::string(reads ? "reads " : "") + (writes ? "writes " : "");
        if (reads_again)
            share.read_later();
        reads_again = false;
    }

    std::string done;
    bool reads_again = false;
    detail::turn_share<driver> share;
};

}  // namespace

TEST_CASE("what falls due before the turn comes is done in one go")
{
    slow_loop loop;
    const auto one = std::make_shared<driver>(loop);
    one->share.run_soon(1);
    one->share.run_soon(4);
    CHECK(one->done.empty());
    CHECK(loop.run() == 1);
    CHECK(one->done == "due 5 ");
    one->share.run_soon(2);
    CHECK(loop.run() == 1);
    CHECK(one->done == "due 5 due 2 ");
    CHECK(loop.run() == 0);
}

TEST_CASE("reading and writing go on together, once for each time they were left")
{
    slow_loop loop;
    const auto one = std::make_shared<driver>(loop);
    one->share.read_later();
    one->share.write_later();
    one->reads_again = true;
    CHECK(loop.run() == 1);
    CHECK(one->done == "reads writes ");
    CHECK(loop.run() == 1);
    CHECK(one->done == "reads writes reads ");
    CHECK(loop.run() == 0);
}

TEST_CASE("work keeps its driver alive until it is done")
{
    slow_loop loop;
    auto one = std::make_shared<driver>(loop);
    const std::weak_ptr<driver> watched = one;
    one->share.run_soon(1);
    one->share.write_later();
    one.reset();
    CHECK_FALSE(watched.expired());
    loop.run();
    CHECK(watched.expired());
}

TEST_CASE("a driver that was abandoned is not kept, and gives its loop no more work")
{
    slow_loop loop;
    auto one = std::make_shared<driver>(loop);
    const std::weak_ptr<driver> watched = one;
    one->share.abandon();
    one->share.run_soon(1);
    CHECK(loop.run() == 0);
    one.reset();
    CHECK(watched.expired());
}
