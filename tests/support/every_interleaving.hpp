// Every order in which the actors of a hand-written model can take their atomic steps.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

namespace ferry::test
{

/// Model: copyable, ordered, `actors`, `bool step(actor)` (false: cannot now), `bool is_good_end()`.
/// True if every end is good; `states` is how many there are altogether.
template <class Model>
bool every_end_is_good(const Model& start, std::size_t& states)
{
    std::set<Model> seen{start};
    std::vector<Model> open{start};
    bool good = true;
    while (!open.empty())
    {
        const Model at = open.back();
        open.pop_back();
        bool stuck = true;
        for (int actor = 0; actor < Model::actors; ++actor)
        {
            Model next = at;
            if (!next.step(actor))
                continue;
            stuck = false;
            if (seen.insert(next).second)
                open.push_back(next);
        }
        if (stuck)
            good = good && at.is_good_end();
    }
    states = seen.size();
    return good;
}

}  // namespace ferry::test
