// ferry_bench_raw: one end of one measurement, with bare sockets.
#include "bench/raw/raw_library.hpp"
#include "bench/scenarios/run.hpp"

int main(int argc, char** argv)
{
    return bench::run<bench::raw_library>(argc, argv);
}
