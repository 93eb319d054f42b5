// ferry_bench: one end of one measurement, with Ferry.
#include "bench/scenarios/ferry_library.hpp"
#include "bench/scenarios/run.hpp"

int main(int argc, char** argv)
{
    return bench::run<bench::ferry_library>(argc, argv);
}
