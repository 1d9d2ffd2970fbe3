#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <unistd.h>

#include "config/load.hpp"

/// What the tests of the configuration share.
namespace config_support {

/// A machine with eight CPUs, two on each physical core, and 8 GiB.
inline iggy::server::host_facts some_host() {
    return {{0, 1, 2, 3, 4, 5, 6, 7}, {0, 2, 4, 6}, 8ULL << 30U};
}

inline iggy::server::config_result<iggy::server::loaded_config> load(
    std::string_view toml, const iggy::server::environment& variables = {}) {
    return iggy::server::load_config_text(toml, "test.toml", variables, some_host());
}

/// The text for stderr when `toml` is refused, else nothing.
inline std::string refusal(std::string_view toml, const iggy::server::environment& variables = {}) {
    const auto loaded = load(toml, variables);
    return loaded ? "" : describe(loaded.error());
}

/// A directory of its own for one test, removed with it.
class scratch_directory {
public:
    scratch_directory() {
        std::string name = (std::filesystem::temp_directory_path() / "iggy-config-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    ~scratch_directory() { std::filesystem::remove_all(path_); }

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, std::string_view text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream{path_ / name, std::ios::binary} << text;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// Whether some notice has `part` in its text.
inline bool has_notice(const iggy::server::loaded_config& loaded, bool warning,
                       std::string_view part) {
    for (const auto& notice : loaded.notices) {
        if (notice.warning == warning && notice.text.find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace config_support
