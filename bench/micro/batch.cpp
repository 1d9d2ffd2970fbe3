#include "batch.hpp"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <stdexcept>

#include <iggy/base/message.hpp>

using namespace iggy;

std::vector<std::byte> make_batch(std::size_t bytes) {
    static_assert(message_bytes == message_layout::header_bytes + payload_bytes);
    const std::size_t count = std::max<std::size_t>(1, bytes / message_bytes);
    std::vector<std::byte> batch(count * message_bytes);
    std::minstd_rand random{1};
    for (std::size_t i = 0; i < count; ++i) {
        const byte_span message = byte_span{batch}.subspan(i * message_bytes, message_bytes);
        for (std::byte& part : message.subspan(message_layout::header_bytes)) {
            part = static_cast<std::byte>(random());
        }
        store_le(message, message_layout::payload_length_at,
                 static_cast<std::uint32_t>(payload_bytes));
    }
    return batch;
}

scratch_directory::scratch_directory() {
    std::string pattern = std::filesystem::temp_directory_path() / "iggy-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error{"no temporary directory " + pattern};
    }
    path_ = pattern;
}

scratch_directory::~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}
