// Stands in for libFuzzer where the compiler has none: feeds every file of the directories it is
// given to the target, once, in order of name. An absent directory holds nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace
{

std::vector<std::filesystem::path> files_below(const std::filesystem::path& start)
{
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_regular_file(start))
        files.push_back(start);
    else if (std::filesystem::is_directory(start))
        for (const auto& entry : std::filesystem::recursive_directory_iterator(start))
            if (entry.is_regular_file())
                files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::uint8_t> contents(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return {text.begin(), text.end()};
}

}  // namespace

int main(int argc, char** argv)
{
    std::size_t replayed = 0;
    for (int i = 1; i < argc; ++i)
    {
        for (const auto& file : files_below(argv[i]))
        {
            const auto octets = contents(file);
            std::printf("%s (%zu octets)\n", file.filename().c_str(), octets.size());
            std::fflush(stdout);  // so that the last line names the input that crashed
            LLVMFuzzerTestOneInput(octets.data(), octets.size());
            ++replayed;
        }
    }
    LLVMFuzzerTestOneInput(nullptr, 0);
    std::printf("%zu inputs replayed\n", replayed);
}
