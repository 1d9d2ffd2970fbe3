// iggy-crash-sim: runs the crash simulation over many seeds, or one of them again.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "simulation.hpp"

namespace {

struct arguments {
    std::uint64_t from = 0;
    std::uint64_t count = 0;
    std::optional<std::uint64_t> step;
    bool traces = false;
};

int usage() {
    fmt::print(
        stderr,
        "iggy-crash-sim --seeds FROM COUNT    many runs, with progress\n"
        "iggy-crash-sim --seed S [--step N]   one run again; with its power cut at step N\n"
        "               [--trace 1]           and all that is asked of the store and its disk\n");
    return 2;
}

std::optional<std::uint64_t> number(const char* text) {
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(text, &end, 10);
    return end == text || *end != '\0' ? std::nullopt : std::optional{value};
}

std::optional<arguments> parse(int count, char** values) {
    arguments parsed;
    for (int i = 1; i < count; ++i) {
        const std::string_view name = values[i];
        const int wanted = name == "--seeds" ? 2 : 1;
        if (i + wanted >= count) {
            return std::nullopt;
        }
        const auto first = number(values[i + 1]);
        const auto second = number(values[i + wanted]);
        i += wanted;
        if (!first || !second) {
            return std::nullopt;
        }
        if (name == "--seeds") {
            parsed.from = *first;
            parsed.count = *second;
        } else if (name == "--seed") {
            parsed.from = *first;
            parsed.count = 1;
        } else if (name == "--step") {
            parsed.step = first;
        } else if (name == "--trace") {
            parsed.traces = *first != 0;
        } else {
            return std::nullopt;
        }
    }
    return parsed.count == 0 ? std::nullopt : std::optional{parsed};
}

}  // namespace

int main(int count, char** values) {
    const auto given = parse(count, values);
    if (!given) {
        return usage();
    }
    using clock = std::chrono::steady_clock;
    const auto began = clock::now();
    auto told = began;
    std::uint64_t cuts = 0;
    std::uint64_t kills = 0;
    std::uint64_t broken = 0;
    for (std::uint64_t i = 0; i < given->count; ++i) {
        simulation_options options = given->step ? every_step_options(given->from, *given->step)
                                                 : simulation_options{.seed = given->from + i};
        if (given->traces) {
            options.trace = [](std::string_view line) { fmt::print("{}\n", line); };
        }
        const simulation_report report = simulation{std::move(options)}.run();
        cuts += report.power_cuts;
        kills += report.kills;
        if (report.broken) {
            ++broken;
            fmt::print("BROKEN {}\n", *report.broken);
            std::fflush(stdout);
        }
        const auto now = clock::now();
        if (now - told > std::chrono::seconds{10} || i + 1 == given->count) {
            told = now;
            const double seconds = std::chrono::duration<double>(now - began).count();
            fmt::print("{} runs, {} broken, {} power cuts, {} kills, {:.0f} s, {:.0f} cuts/s\n",
                       i + 1, broken, cuts, kills, seconds,
                       static_cast<double>(cuts) / std::max(seconds, 0.001));
            std::fflush(stdout);
        }
    }
    return broken == 0 ? 0 : 1;
}
