#include "server_command.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

namespace iggy::cli {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> candidates() {
    std::error_code none;
    const fs::path here = fs::read_symlink("/proc/self/exe", none).parent_path();
    return {here / "iggy-server", (here / "../bin/iggy-server").lexically_normal()};
}

}  // namespace

failure run_server(const server_command& command) {
    const auto places = candidates();
    for (const auto& program : places) {
        if (::access(program.c_str(), X_OK) != 0) {
            continue;
        }
        std::vector<std::string> texts{program.string()};
        texts.insert(texts.end(), command.arguments.begin(), command.arguments.end());
        std::vector<char*> pointers;
        pointers.reserve(texts.size() + 1);
        for (auto& text : texts) {
            pointers.push_back(text.data());
        }
        pointers.push_back(nullptr);
        ::execv(program.c_str(), pointers.data());
        return tool_error(
            fmt::format("cannot start {}: {}", program.string(), std::strerror(errno)));
    }
    return tool_error(
        fmt::format("there is no iggy-server at {} or {}; install it beside iggy, or "
                    "start it by its own path",
                    places[0].string(), places[1].string()));
}

}  // namespace iggy::cli
