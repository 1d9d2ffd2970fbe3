#include "directory_names.hpp"

#include <cctype>
#include <cstddef>

namespace iggy::storage {

namespace {
constexpr std::size_t log_path_bytes_max = 200;
}  // namespace

bool is_others_name(std::string_view name) noexcept {
    return name == "lost+found" || name == "logs" || name == "runtime";
}

bool is_valid_log_path(std::string_view path) noexcept {
    if (path.empty() || path.size() > log_path_bytes_max) {
        return false;
    }
    bool at_start = true;
    for (const char letter : path) {
        if (letter == '/') {
            if (at_start) {
                return false;
            }
            at_start = true;
            continue;
        }
        const bool allowed = std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                             letter == '_' || letter == '-' || (letter == '.' && !at_start);
        if (!allowed) {
            return false;
        }
        at_start = false;
    }
    const auto first = path.substr(0, path.find('/'));
    return !at_start && first != trash_name && first != manifest_name &&
           !first.starts_with("iggy.");
}

}  // namespace iggy::storage
