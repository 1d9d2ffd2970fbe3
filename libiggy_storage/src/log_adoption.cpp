#include "log_adoption.hpp"

#include "directory_names.hpp"

namespace iggy::storage {

namespace {

result<done_t> find_logs_below(disk& files, const std::string& directory, int depth,
                               std::vector<found_log>& found) {
    auto names = files.list(directory);
    if (!names) {
        return names.error();
    }
    for (const directory_entry& entry : *names) {
        if (!entry.is_directory || depth == 0 || (directory.empty() && entry.name == trash_name)) {
            continue;
        }
        const std::string inner = directory.empty() ? entry.name : directory + '/' + entry.name;
        const auto identity = read_identity(files, inner);
        if (!identity) {
            return identity.error();
        }
        if (*identity && is_valid_log_path(inner)) {
            found.push_back({inner, **identity});
        } else if (const auto deeper = find_logs_below(files, inner, depth - 1, found); !deeper) {
            return deeper;
        }
    }
    return done;
}

}  // namespace

result<std::vector<found_log>> find_logs(disk& files) {
    std::vector<found_log> found;
    if (const auto searched = find_logs_below(files, "", directory_depth_max, found); !searched) {
        return searched.error();
    }
    return found;
}

}  // namespace iggy::storage
