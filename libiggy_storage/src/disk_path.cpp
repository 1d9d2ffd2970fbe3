#include "disk_path.hpp"

#include <algorithm>
#include <cstddef>

namespace iggy::storage {

namespace {

constexpr std::size_t path_bytes_max = 4000;
constexpr std::size_t name_bytes_max = 255;

bool is_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= name_bytes_max && name != "." && name != ".." &&
           name.find('\0') == std::string_view::npos;
}

}  // namespace

result<done_t> check_path(std::string_view path) {
    if (path.size() > path_bytes_max) {
        return error{errc::invalid_argument};
    }
    std::size_t begin = 0;
    while (begin <= path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (!is_name(path.substr(begin, end - begin))) {
            return error{errc::invalid_argument};
        }
        begin = end + 1;
    }
    return done;
}

result<done_t> check_directory_path(std::string_view path) {
    if (path.empty()) {
        return done;
    }
    return check_path(path);
}

}  // namespace iggy::storage
