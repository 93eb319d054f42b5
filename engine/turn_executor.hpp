// An executor that runs everything in its loop's turn.
#pragma once

#include <concepts>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include <asio/execution.hpp>
#include <asio/prefer.hpp>
#include <asio/query.hpp>
#include <asio/require.hpp>

#include "engine/loop_turn.hpp"

namespace ferry::detail
{

/// Runs a function in the turn: now if nobody else has it, or as a task of who has it. Functions
/// do not throw; should memory run out in one of them, the loop goes on with the next.
template <class Function>
void run_in_turn(loop_turn& turn, Function function) noexcept
{
    const auto call = [](Function& f) {
        try
        {
            std::move(f)();
        }
        catch (const std::exception&)
        {
            return;
        }
    };
    if (turn.is_mine())
        return call(function);
    if (turn.try_take())
    {
        turn.run_tasks();  // those came earlier
        call(function);
        return turn.give_back();
    }
    class left_behind final : public turn_task
    {
    public:
        left_behind(Function f, decltype(call) how) : function_(std::move(f)), call_(how) {}
        void run_in_turn() noexcept override
        {
            call_(function_);
            delete this;
        }
        void drop() noexcept override { delete this; }

    private:
        Function function_;
        decltype(call) call_;
    };
    if (auto* task = new (std::nothrow) left_behind(std::move(function), call))
        return turn.add(*task);
    turn.take();
    turn.run_tasks();
    call(function);
    turn.give_back();
}

/// Wraps an executor of the loop's io_context. Whoever runs the io_context, what is executed here
/// has the sessions for itself.
/// `Turn` points to the turn: what lies on the executor may share its owner. If it has after(), that is
/// called when the turn was given back.
template <class Inner, class Turn = loop_turn*>
class turn_executor
{
public:
    turn_executor(Inner inner, Turn turn) noexcept
        : inner_(std::move(inner)), turn_(std::move(turn))
    {
    }

    template <class Property>
    requires asio::can_query<const Inner&, Property>::value [[nodiscard]] decltype(auto) query(
        const Property& property) const noexcept
    {
        return asio::query(inner_, property);
    }
    template <class Property>
    requires asio::can_require<const Inner&, Property>::value [[nodiscard]] auto require(
        const Property& property) const
    {
        return wrap(asio::require(inner_, property));
    }
    template <class Property>
    requires asio::can_prefer<const Inner&, Property>::value [[nodiscard]] auto prefer(
        const Property& property) const
    {
        return wrap(asio::prefer(inner_, property));
    }

    template <class Function>
    void execute(Function&& function) const
    {
        inner_.execute(
            [turn = turn_, f = std::decay_t<Function>(std::forward<Function>(function))]() mutable {
                detail::run_in_turn(*turn, std::move(f));
                if constexpr (requires { turn.after(); })
                    turn.after();
            });
    }

    friend bool operator==(const turn_executor& a, const turn_executor& b) noexcept
    {
        return a.inner_ == b.inner_ && a.turn_ == b.turn_;
    }

private:
    template <class Other>
    [[nodiscard]] turn_executor<std::decay_t<Other>, Turn> wrap(Other&& other) const
    {
        return {std::forward<Other>(other), turn_};
    }

    Inner inner_;
    Turn turn_;
};

}  // namespace ferry::detail
