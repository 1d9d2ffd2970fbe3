#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "orders.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/served.hpp"

using namespace iggy;
using namespace iggy::protocol;
using iggy::test::raw_client;
namespace orders = iggy::test::orders;

namespace {

constexpr int requests = 1000;
// Into a partition: before its first recovery point, which needs some.
constexpr int messages_max = 10'000;

// Blocks of the index need some from time to time.
std::uint64_t few(int answers) { return static_cast<std::uint64_t>(answers) / 20; }

/// A server whose requests for memory are counted, with a partition.
class counted_server {
public:
    counted_server() : count_file_{dir_ / "allocations"} {
        std::ofstream{count_file_, std::ios::binary} << std::string(sizeof(std::uint64_t), '\0');
        server_.emplace(test::served::options(dir_, {{"LD_PRELOAD", IGGY_TEST_COUNT_ALLOCATIONS},
                                                     {"ALLOCATIONS_FILE", count_file_.string()}}));
        client_.emplace(server_->port());
        client_->log_in();
        orders::create(*client_, 3);
    }

    /// How often the server asks for memory while it answers so often to `frame`.
    std::uint64_t allocations_of(byte_view frame, int answers) {
        answer(frame, answers / 10);  // warm
        const std::uint64_t before = allocations();
        REQUIRE(before > 0);
        answer(frame, answers);
        return allocations() - before;
    }

private:
    void answer(byte_view frame, int times) {
        for (; times > 0; --times) {
            client_->send(frame);
            REQUIRE(client_->receive().value().status == 0);
        }
    }
    std::uint64_t allocations() const {
        std::array<char, sizeof(std::uint64_t)> bytes{};
        std::ifstream{count_file_, std::ios::binary}.read(bytes.data(), bytes.size());
        return std::bit_cast<std::uint64_t>(bytes);
    }

    temporary_directory dir_;
    std::filesystem::path count_file_;
    std::optional<test::server_process> server_;
    std::optional<raw_client> client_;
};

template <class Request>
std::vector<std::byte> frame_of(const Request& request) {
    std::vector<std::byte> frame;
    encode_request(request, frame).value();
    return frame;
}

}  // namespace

TEST_CASE("server: sends, polls and stored offsets need no memory from the system once it is warm",
          "[server]") {
    counted_server server;
    std::uint32_t place = 0;
    for (const std::uint32_t messages : {1U, 10U, 100U}) {
        CAPTURE(messages);
        const partition_id partition{place++};
        const int sends = std::min(requests, messages_max / static_cast<int>(messages));
        CHECK(server.allocations_of(orders::send_frame(partition, 0, messages, 1000), sends) <=
              few(sends));
        auto poll =
            orders::poll(partition, polling_strategy::from_offset(message_offset{5}), messages);
        CHECK(server.allocations_of(frame_of(poll), requests) <= few(requests));
        poll.auto_commit = true;
        CHECK(server.allocations_of(frame_of(poll), requests) <= few(requests));
    }
    const auto store = orders::store(partition_id{0}, message_offset{5});
    CHECK(server.allocations_of(frame_of(store), requests) <= few(requests));
}
