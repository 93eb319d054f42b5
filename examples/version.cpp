// Which Ferry this program was compiled against, and which one it runs with.
#include <iostream>

#include <ferry/ferry.hpp>

int main()
{
    std::cout << "Ferry's headers are version " << ferry::version_string
              << ", its library is version " << ferry::library_version() << '\n';
}
