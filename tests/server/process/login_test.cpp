#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/served.hpp"

using namespace iggy;
using iggy::test::raw_client;

namespace {

/// A size from /proc/PID/status in KiB: VmRSS now, VmHWM the peak.
std::uint64_t memory_kib(pid_t process, const std::string& field) {
    const std::string status = read_text("/proc/" + std::to_string(process) + "/status");
    return std::stoull(status.substr(status.find(field + ":") + field.size() + 1));
}

}  // namespace

TEST_CASE("server: however many clients log in at once, few passwords are hashed at a time",
          "[server]") {
    constexpr std::size_t clients_count = 16;
    constexpr std::uint64_t hash_kib = 19456;
    test::served at;
    std::vector<std::unique_ptr<raw_client>> clients;
    std::vector<std::byte> login;
    protocol::login_user who;
    who.username = "iggy";
    who.password = "iggy";
    protocol::encode_request(who, login).value();
    const std::uint64_t before = memory_kib(at.server.pid(), "VmRSS");
    for (std::size_t i = 0; i < clients_count; ++i) {
        clients.push_back(std::make_unique<raw_client>(at.server.port()));
        clients.back()->send(login);
    }
    for (const auto& client : clients) {
        CHECK(client->receive().value().status == 0);
    }
    CHECK(memory_kib(at.server.pid(), "VmHWM") < before + 3 * hash_kib);
    CHECK(memory_kib(at.server.pid(), "VmRSS") < before + hash_kib / 2);  // and gives it back
}
