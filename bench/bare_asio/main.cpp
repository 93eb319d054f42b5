// ferry_bench_asio: both ends of a ping-pong with Asio's own streams, in place of a messaging library.
#include "bench/bare_asio/asio_ends.hpp"
#include "bench/coroutines/run.hpp"

int main(int argc, char** argv)
{
    return bench::run_coroutine_program<bench::bare_asio>(argc, argv);
}
