// ordo: runs a fuzzer on the files of the folders that are named, without libFuzzer.
// SPDX-License-Identifier: BSL-1.0
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

int main(int count, char** arguments) {
    std::size_t replayed = 0;
    for (int i = 1; i < count; ++i) {
        for (auto const& entry : std::filesystem::recursive_directory_iterator(arguments[i])) {
            if (!entry.is_regular_file()) continue;
            std::ifstream file(entry.path(), std::ios::binary);
            std::vector<char> const bytes{std::istreambuf_iterator<char>(file), {}};
            std::vector<std::uint8_t> const program(bytes.begin(), bytes.end());
            // Before the run, which may not return; standard output would be lost then.
            std::fprintf(stderr, "%s\n", entry.path().filename().c_str());
            LLVMFuzzerTestOneInput(program.data(), program.size());
            ++replayed;
        }
    }
    std::printf("%zu programs replayed\n", replayed);
    return replayed > 0 ? 0 : 1;
}
