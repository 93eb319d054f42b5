// The one line of JSON that each end prints.
#include "bench/support/report.hpp"

#include <iomanip>
#include <sstream>

namespace bench
{

namespace
{

void write_latency(std::ostream& out, const latency& l)
{
    out << R"(,"p50":)" << l.p50 << R"(,"p99":)" << l.p99 << R"(,"mean":)" << l.mean << R"(,"max":)"
        << l.max << R"(,"unit":"us")";
}

}  // namespace

std::string to_json(
    const report& r, const arguments& a, const std::string& library, const std::string& version)
{
    const double rate = r.seconds > 0 ? static_cast<double>(r.messages) / r.seconds : 0;
    std::ostringstream out;
    out << std::setprecision(10);
    out << R"({"library":")" << library << R"(","version":")" << version << R"(","compiler":")"
        << __VERSION__ << R"(","pattern":")" << to_string(a.pattern) << R"(","role":")"
        << a.role_name << R"(","size":)" << a.size << R"(,"count":)" << a.count << R"(,"peers":)"
        << a.peers << R"(,"tuned":)" << (a.tuned ? "true" : "false") << R"(,"messages":)"
        << r.messages << R"(,"seconds":)" << r.seconds << R"(,"rate":)" << rate
        << R"(,"cpu_seconds":)" << r.spent.cpu_seconds << R"(,"voluntary_switches":)"
        << r.spent.voluntary_switches << R"(,"involuntary_switches":)"
        << r.spent.involuntary_switches;
    if (r.latency)
        write_latency(out, *r.latency);
    out << '}';
    return out.str();
}

}  // namespace bench
