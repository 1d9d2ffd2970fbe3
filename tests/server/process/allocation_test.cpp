#include <array>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/served.hpp"

using namespace iggy;
using namespace iggy::protocol;
using iggy::test::raw_client;
using iggy::test::send_frame_of;

namespace {

constexpr int requests = 1000;
// Recovery points and blocks of the index need some from time to time.
constexpr std::uint64_t few = requests / 20;

/// A server whose requests for memory are counted, with a partition.
class counted_server {
public:
    counted_server() : count_file_{dir_ / "allocations"} {
        std::ofstream{count_file_, std::ios::binary} << std::string(sizeof(std::uint64_t), '\0');
        server_.emplace(test::served::options(dir_, {{"LD_PRELOAD", IGGY_TEST_COUNT_ALLOCATIONS},
                                                     {"ALLOCATIONS_FILE", count_file_.string()}}));
        client_.emplace(server_->port());
        client_->log_in();
        client_->call(create_stream{"orders"});
        create_topic topic;
        topic.stream = "orders";
        topic.name = "placed";
        topic.partitions_count = 1;
        client_->call(topic);
    }

    /// How often the server asks for memory while it answers `requests` times to `frame`.
    std::uint64_t allocations_of(byte_view frame) {
        answer(frame, 100);  // warm
        const std::uint64_t before = allocations();
        REQUIRE(before > 0);
        answer(frame, requests);
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

std::vector<std::byte> send_of(std::uint32_t messages) {
    return send_frame_of("orders", "placed", partitioning::to(partition_id{0}), 0, messages, 1000);
}

template <class Request>
std::vector<std::byte> frame_of(const Request& request) {
    std::vector<std::byte> frame;
    encode_request(request, frame).value();
    return frame;
}

poll_messages poll_of(std::uint32_t messages, bool auto_commit) {
    poll_messages poll;
    poll.consumer.id = identifier::from_number(1);
    poll.stream = "orders";
    poll.topic = "placed";
    poll.partition = partition_id{0};
    poll.strategy = polling_strategy::from_offset(message_offset{5});
    poll.count = messages;
    poll.auto_commit = auto_commit;
    return poll;
}

}  // namespace

TEST_CASE("server: sends, polls and stored offsets need no memory from the system once it is warm",
          "[server]") {
    counted_server server;
    for (const std::uint32_t messages : {1U, 10U, 100U}) {
        CAPTURE(messages);
        CHECK(server.allocations_of(send_of(messages)) <= few);
        CHECK(server.allocations_of(frame_of(poll_of(messages, false))) <= few);
    }
    CHECK(server.allocations_of(frame_of(poll_of(10, true))) <= few);
    store_consumer_offset store;
    store.consumer.id = identifier::from_number(1);
    store.stream = "orders";
    store.topic = "placed";
    store.partition = partition_id{0};
    store.offset = message_offset{5};
    CHECK(server.allocations_of(frame_of(store)) <= few);
}
