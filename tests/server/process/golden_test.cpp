#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/served.hpp"

using namespace iggy;
using iggy::test::raw_client;

namespace {

struct golden_request {
    std::string name;
    std::uint32_t code = 0;
    std::vector<std::byte> frame;
    std::optional<std::uint32_t> expected_status;
};

std::vector<std::byte> from_hex(const std::string& hex) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

std::vector<golden_request> golden_requests() {
    std::vector<golden_request> requests;
    for (const auto& entry :
         std::filesystem::directory_iterator{std::string{IGGY_GOLDEN_DIR} + "/wire"}) {
        if (entry.path().extension() != ".json") {
            continue;
        }
        std::ifstream file{entry.path()};
        for (const auto& frame : nlohmann::json::parse(file)) {
            if (frame.value("direction", "") != "request") {
                continue;
            }
            golden_request request;
            request.name = frame.at("name");
            request.code = frame.at("command").at("code");
            request.frame = from_hex(frame.at("frame_hex"));
            if (frame.contains("expected_status")) {
                request.expected_status = frame.at("expected_status").get<std::uint32_t>();
            }
            requests.push_back(std::move(request));
        }
    }
    return requests;
}

/// A golden send or poll may find its stream or not; none of them may fail to be understood.
bool is_decoding_error(std::uint32_t status) { return status == 3 || status == 4 || status == 6; }

/// These change the root user's name or password.
bool changes_the_login(const golden_request& request) {
    return request.code == 35 || request.code == 37;
}

}  // namespace

TEST_CASE("server: every golden request is understood and answered once", "[server][golden]") {
    test::served on;
    const auto golden = golden_requests();
    REQUIRE(golden.size() > 80);
    std::vector<golden_request> requests;
    std::ranges::copy_if(golden, std::back_inserter(requests), std::not_fn(changes_the_login));
    const std::size_t changes = golden.size() - requests.size();
    std::ranges::copy_if(golden, std::back_inserter(requests), changes_the_login);
    std::deque<raw_client> logged_in_before;
    for (std::size_t i = 0; i < changes; ++i) {
        logged_in_before.emplace_back(on.server.port()).log_in();
    }
    for (const auto& request : requests) {
        CAPTURE(request.name);
        if (!changes_the_login(request)) {
            logged_in_before.emplace_front(on.server.port()).log_in();
        }
        raw_client& client = logged_in_before.front();
        client.send(request.frame);
        const auto response = client.receive();
        REQUIRE(response);
        if (request.expected_status) {
            CHECK(response->status == *request.expected_status);
        } else {
            CHECK_FALSE(is_decoding_error(response->status));
        }
        if (response->status != 0) {
            CHECK(response->payload.empty());
        }
        if (response->status != 30 && response->status != 100) {
            const auto alive = client.ask(protocol::ping{});
            REQUIRE(alive);
            CHECK(alive->status == 0);
        }
        logged_in_before.pop_front();
    }
}

TEST_CASE("server: decoding comes before the login check, which comes before everything else",
          "[server][golden]") {
    test::served on;
    const std::set<std::uint32_t> without_login{1, 38, 44};
    for (const auto& request : golden_requests()) {
        CAPTURE(request.name);
        if (without_login.contains(request.code)) {
            continue;
        }
        raw_client client{on.server.port()};
        client.send(request.frame);
        const auto response = client.receive();
        REQUIRE(response);
        const bool send = request.code == 101;
        if (!send && request.expected_status && is_decoding_error(*request.expected_status) &&
            request.name != "create_topic_unknown_compression") {
            CHECK(response->status == *request.expected_status);
        } else {
            CHECK(response->status == 40);
        }
        const auto alive = client.ask(protocol::ping{});
        REQUIRE(alive);
        CHECK(alive->status == 0);
    }
}
