// What a driver of a loop leaves over and then releases: every interleaving of the steps of loop_turn's
// take_for(), give_back() and release_rest(), on a model.
// The real one, step by step and among threads: loop_turn_test.cpp.
#include <array>
#include <cstddef>

#include "tests/support/catch.hpp"
#include "tests/support/every_interleaving.hpp"

namespace
{

/// Mistakes that the protocol must not survive.
enum class mistake
{
    none,
    does_not_look_again,  ///< who lets go does not look whether the rest was released meanwhile
    posts_nothing         ///< who releases the rest sends nobody for it
};

/// One thread has the turn and leaves a rest, then leaves and releases it; two others take the turn for
/// tasks of their own; a fourth comes when it is sent for. A step is one atomic access.
struct rest_model
{
    static constexpr int actors = 4;
    enum at
    {
        trying,
        looking_for_freed,
        taking_freed,
        telling,
        letting_go,
        looking_again,
        releasing,
        asking,
        waiting_to_be_sent,
        done
    };
    struct actor_state
    {
        at where = trying;
        int round = 0;
        bool rests = false;

        auto operator<=>(const actor_state&) const = default;
    };

    mistake made = mistake::none;
    bool taken = true;
    bool rest = true;
    bool rest_is_free = false;
    bool has_rest = false;
    int sent = 0;
    std::array<actor_state, actors> who{
        actor_state{telling, 1}, actor_state{}, actor_state{}, actor_state{waiting_to_be_sent}};

    auto operator<=>(const rest_model&) const = default;

    [[nodiscard]] static at after(int actor) noexcept
    {
        return actor == 0 ? releasing : actor == actors - 1 ? waiting_to_be_sent : done;
    }
    bool step(int actor)
    {
        actor_state& self = who[static_cast<std::size_t>(actor)];
        switch (self.where)
        {
        case waiting_to_be_sent:
            if (sent == 0)
                return false;
            --sent;
            self = {trying};
            return true;
        case releasing:
            rest_is_free = true;
            self.where = asking;
            return true;
        case asking:
            sent += has_rest && made != mistake::posts_nothing ? 1 : 0;
            self.where = done;
            return true;
        case done: return false;
        default: step_in_turn(actor, self); return true;
        }
    }
    void step_in_turn(int actor, actor_state& self)
    {
        switch (self.where)
        {
        case trying:
            self.where = taken ? after(actor) : looking_for_freed;
            self.round += taken ? 0 : 1;
            taken = true;
            break;
        case looking_for_freed: self.where = rest_is_free ? taking_freed : telling; break;
        case taking_freed:
            rest = rest && !rest_is_free;
            rest_is_free = false;
            self.where = telling;
            break;
        case telling:
            self.rests = rest;
            has_rest = rest;
            self.where = letting_go;
            break;
        case letting_go:
            taken = false;
            self.where = made == mistake::does_not_look_again ? after(actor) : at{looking_again};
            break;
        case looking_again: look_again(actor, self); break;
        default: break;
        }
    }
    void look_again(int actor, actor_state& self)
    {
        if (!self.rests || !rest_is_free)
            self.where = after(actor);
        else if (self.round < 2)
            self.where = trying;
        else
        {
            ++sent;  // the relief
            self.where = after(actor);
        }
    }
    [[nodiscard]] bool is_good_end() const { return !rest && !taken && sent == 0; }
};

}  // namespace

TEST_CASE("what was left over and released is run, in whatever order four threads take their steps")
{
    std::size_t states = 0;
    CHECK(ferry::test::every_end_is_good(rest_model{}, states));
    CHECK(states > 1'000);
}

TEST_CASE("the model finds each mistake that would leave it lying")
{
    const auto made = GENERATE(mistake::does_not_look_again, mistake::posts_nothing);
    rest_model wrong;
    wrong.made = made;
    std::size_t states = 0;
    CHECK_FALSE(ferry::test::every_end_is_good(wrong, states));
}
