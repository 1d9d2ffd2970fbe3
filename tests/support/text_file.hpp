#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

/// All of a file; empty when there is none.
inline std::string read_text(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}
