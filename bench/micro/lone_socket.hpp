// One socket's pattern with its pipes, the far ends of which the benchmark holds itself.
#pragma once

#include <memory>
#include <vector>

#include "patterns/pattern.hpp"
#include "patterns/pipe.hpp"

namespace bench::micro
{

struct lone_socket
{
    explicit lone_socket(ferry::socket_type type)
        : rules(ferry::patterns::make_pattern(type, {}, results))
    {
    }
    void add_peer(const ferry::patterns::pipe_options& options = {})
    {
        const ferry::patterns::pipe_pair pipes = ferry::patterns::make_pipe(options);
        rules->attach(pipes.a, {});
        rules->connected(*pipes.a, {});
        near.push_back(pipes.a);
        far.push_back(pipes.b);
    }

    ferry::patterns::effects results;
    std::unique_ptr<ferry::patterns::pattern> rules;
    std::vector<std::shared_ptr<ferry::patterns::pipe_end>> near;
    std::vector<std::shared_ptr<ferry::patterns::pipe_end>> far;
};

}  // namespace bench::micro
