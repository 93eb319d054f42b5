// The one line of JSON that each end prints.
#include "bench/support/report.hpp"

#include <chrono>
#include <iomanip>
#include <sstream>

namespace bench
{

namespace
{

std::int64_t nanoseconds(clock::time_point t)
{
    return std::chrono::nanoseconds(t.time_since_epoch()).count();
}

void write_arguments(std::ostream& out, const arguments& a)
{
    out << R"(,"pattern":")" << to_string(a.pattern) << R"(","role":")" << a.role_name
        << R"(","size":)" << a.size << R"(,"count":)" << a.count << R"(,"peers":)" << a.peers
        << R"(,"tuned":)" << (a.tuned ? "true" : "false");
}

void write_usage(std::ostream& out, const usage& u)
{
    out << R"(,"cpu_seconds":)" << u.cpu_seconds << R"(,"voluntary_switches":)"
        << u.voluntary_switches << R"(,"involuntary_switches":)" << u.involuntary_switches;
}

void write_latency(std::ostream& out, const latency& l)
{
    out << R"(,"p50":)" << l.p50 << R"(,"p99":)" << l.p99 << R"(,"p999":)" << l.p999
        << R"(,"mean":)" << l.mean << R"(,"max":)" << l.max << R"(,"unit":"us")";
}

}  // namespace

std::string to_json(
    const report& r, const arguments& a, const std::string& library, const std::string& version)
{
    const double seconds = r.time.seconds();
    std::ostringstream out;
    out << std::setprecision(10);
    out << R"({"library":")" << library << R"(","version":")" << version << R"(","compiler":")"
        << __VERSION__ << '"';
    write_arguments(out, a);
    out << R"(,"messages":)" << r.messages << R"(,"seconds":)" << seconds << R"(,"rate":)"
        << (seconds > 0 ? static_cast<double>(r.messages) / seconds : 0) << R"(,"from_ns":)"
        << nanoseconds(r.time.first) << R"(,"until_ns":)" << nanoseconds(r.time.last);
    write_usage(out, r.spent);
    if (r.latency)
        write_latency(out, *r.latency);
    if (r.memory_octets)
        out << R"(,"memory_octets":)" << *r.memory_octets;
    out << '}';
    return out.str();
}

}  // namespace bench
