// One factory per socket type; make_pattern.cpp chooses among them.
#pragma once

#include <memory>

#include "patterns/pattern.hpp"

namespace ferry::patterns
{

using factory = std::unique_ptr<pattern>(const pattern_options& options, effects& results);

factory make_pair;
factory make_push;
factory make_pull;
factory make_req;
factory make_rep;
factory make_dealer;
factory make_router;
factory make_pub;
factory make_sub;
factory make_xpub;
factory make_xsub;
factory make_stream;

}  // namespace ferry::patterns
