#include "machine.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include <fmt/chrono.h>

namespace iggy::bench {
namespace {

/// What follows `key` and `separator` in the first line that begins with it.
std::string field_of(const char* path, const std::string& key, char separator) {
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(key)) {
            const auto at = line.find(separator);
            const auto begin = line.find_first_not_of(" \t\"", at + 1);
            const auto end = line.find_last_not_of(" \t\"");
            return at == std::string::npos || begin == std::string::npos
                       ? ""
                       : line.substr(begin, end + 1 - begin);
        }
    }
    return "";
}

}  // namespace

std::string host_name() {
    utsname names{};
    ::uname(&names);
    return names.nodename;
}

machine describe_machine() {
    utsname names{};
    ::uname(&names);
    const auto pages = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
    const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return {names.nodename,
            field_of("/proc/cpuinfo", "model name", ':'),
            std::thread::hardware_concurrency(),
            pages * page_bytes >> 20,
            field_of("/etc/os-release", "NAME", '='),
            names.release};
}

std::string new_uuid() {
    std::ifstream random{"/proc/sys/kernel/random/uuid"};
    std::string uuid;
    random >> uuid;
    return uuid;
}

std::string utc_now() {
    const auto now =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    const auto micros = now.time_since_epoch().count() % 1'000'000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)), micros);
}

}  // namespace iggy::bench
