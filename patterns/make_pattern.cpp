// socket_type -> pattern: the only list of all types.
#include "patterns/factories.hpp"
#include "patterns/pattern.hpp"

namespace ferry::patterns
{

std::unique_ptr<pattern> make_pattern(
    socket_type type, const pattern_options& options, effects& results)
{
    switch (type)
    {
    case socket_type::pair: return make_pair(options, results);
    case socket_type::pub: return make_pub(options, results);
    case socket_type::sub: return make_sub(options, results);
    case socket_type::req: return make_req(options, results);
    case socket_type::rep: return make_rep(options, results);
    case socket_type::dealer: return make_dealer(options, results);
    case socket_type::router: return make_router(options, results);
    case socket_type::pull: return make_pull(options, results);
    case socket_type::push: return make_push(options, results);
    case socket_type::xpub: return make_xpub(options, results);
    case socket_type::xsub: return make_xsub(options, results);
    case socket_type::stream: return make_stream(options, results);
    }
    return nullptr;
}

}  // namespace ferry::patterns
