#include "process_meter.hpp"

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

namespace iggy::bench {
namespace {

double read_seconds(clockid_t which) {
    constexpr double seconds_per_ns = 1e-9;
    timespec time{};
    ::clock_gettime(which, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * seconds_per_ns;
}

}  // namespace

double own_cpu_seconds() { return read_seconds(CLOCK_PROCESS_CPUTIME_ID); }

std::optional<process_meter> process_meter::of(pid_t pid) {
    clockid_t cpu_clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid, &cpu_clock) != 0 || ::clock_gettime(cpu_clock, &time) != 0) {
        return std::nullopt;
    }
    return process_meter{pid, cpu_clock};
}

double process_meter::cpu_seconds() const { return read_seconds(cpu_clock_); }

std::uint64_t process_meter::peak_memory_bytes() const {
    std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") {
            std::uint64_t kib = 0;
            status >> kib;
            return kib * 1024;
        }
    }
    return 0;
}

void process_meter::come_to_rest() const {
    constexpr std::chrono::milliseconds pause{100};
    constexpr int pauses_max = 30;
    constexpr double idle_seconds = 0.001;  // threads that only look after timers
    double before = cpu_seconds();
    for (int count = 0; count < pauses_max; ++count) {
        std::this_thread::sleep_for(pause);  // another process tells nobody that it rests
        const double now = cpu_seconds();
        if (now - before < idle_seconds) {
            return;
        }
        before = now;
    }
}

}  // namespace iggy::bench
