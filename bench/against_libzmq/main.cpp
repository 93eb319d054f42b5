// ferry_bench_libzmq: one end of one measurement, with libzmq.
#include "bench/against_libzmq/libzmq_library.hpp"
#include "bench/scenarios/run.hpp"

int main(int argc, char** argv)
{
    return bench::run<bench::libzmq_library>(argc, argv);
}
