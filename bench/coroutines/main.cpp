// ferry_bench_coroutines: both ends of one measurement, with Ferry's asynchronous operations.
#include "bench/coroutines/ferry_ends.hpp"
#include "bench/coroutines/run.hpp"

int main(int argc, char** argv)
{
    return bench::run_coroutine_program<bench::ferry_coroutines>(argc, argv);
}
