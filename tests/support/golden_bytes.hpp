#pragma once

#include <sstream>
#include <string>
#include <string_view>

#include "text_file.hpp"

/// Content of a file of tests/golden/storage that is written in hexadecimal numbers; `*` stands for
/// the zeros up to the end of a block of 4096 bytes.
inline std::string golden_bytes(std::string_view name) {
    constexpr std::size_t block_bytes = 4096;
    std::istringstream words{read_text(std::filesystem::path{IGGY_GOLDEN_DIR} / "storage" / name)};
    std::string bytes;
    for (std::string word; words >> word;) {
        if (word == "*") {
            bytes.resize((bytes.size() / block_bytes + 1) * block_bytes);
        } else {
            bytes += static_cast<char>(std::stoi(word, nullptr, 16));
        }
    }
    return bytes;
}
