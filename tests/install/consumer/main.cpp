// A user's smallest program.
#include <cstdio>

#include <ferry/ferry.hpp>

int main()
{
    ferry::context context;
    ferry::req_socket socket{context};
    std::printf("ferry %s\n", ferry::library_version());
}
