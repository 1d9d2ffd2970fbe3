#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <iggy/base/size_text.hpp>

#include "report.hpp"

namespace iggy::bench {
namespace {

/// A part of a file name: no separators, no blanks.
std::string as_part(std::string text) {
    std::ranges::replace(text, '/', '_');
    std::ranges::replace(text, ' ', '_');
    return text;
}

std::string directory_name(const report& of) {
    const auto& work = of.command.work;
    const auto& place = *of.command.output;
    std::string name = fmt::format("{}_{}_{}_{}_{}_tcp", snake_name(work.kind), work.actors(),
                                   to_string(work.message_bytes), to_string(work.batch_messages),
                                   work.user_bytes ? as_part(format_byte_size(*work.user_bytes))
                                                   : fmt::format("{}", work.batches.value_or(0)));
    for (const auto& part : {place.remark, place.gitref}) {
        if (part) {
            name += '_' + as_part(*part);
        }
    }
    std::string cpu = as_part(of.client.cpu_name);
    std::ranges::transform(cpu, cpu.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name + '_' + as_part(place.identifier.value_or(of.client.host_name)) + '_' + cpu;
}

result<done_t> write_file(const std::filesystem::path& path, const std::string& content) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << content;
    file.close();
    if (!file) {
        return failure{fmt::format("cannot write {}", path.string())};
    }
    return done;
}

}  // namespace

result<std::string> write_result_directory(const report& of, const std::string& console) {
    const auto directory = std::filesystem::path{of.command.output->directory} / directory_name(of);
    std::error_code why;
    std::filesystem::create_directories(directory, why);
    if (why) {
        return failure{fmt::format("cannot make {}: {}", directory.string(), why.message())};
    }
    if (const auto written = write_file(directory / "report.json", to_json(of)); !written) {
        return written.error();
    }
    if (const auto written = write_file(directory / "bench.log", console); !written) {
        return written.error();
    }
    return directory.string();
}

}  // namespace iggy::bench
