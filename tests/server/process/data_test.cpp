#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "orders.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/served.hpp"

using namespace iggy;
using namespace iggy::protocol;
using iggy::test::raw_client;
namespace orders = iggy::test::orders;
using iggy::test::send_frame_of;

namespace {

test::server_options with_shards(const temporary_directory& dir, const std::string& shards) {
    return test::served::options(dir, {{"IGGY_SYSTEM_SHARDING_CPU_ALLOCATION", shards}});
}

std::vector<std::uint64_t> offsets_of(const polled_messages& polled) {
    std::vector<std::uint64_t> offsets;
    for (const auto& message : polled.messages()) {
        CHECK(message.checksum_matches());
        offsets.push_back(message.offset().raw());
    }
    return offsets;
}

void send_ok(raw_client& client, partition_id partition, std::uint64_t first, std::uint32_t count,
             std::size_t bytes = 100) {
    client.send(orders::send_frame(partition, first, count, bytes));
    const auto response = client.receive();
    REQUIRE(response);
    REQUIRE(response->status == 0);
    REQUIRE(response->payload.empty());
}

using offsets = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("server: polls start where their strategy says", "[server][messages]") {
    const std::string shards = GENERATE("1", "2");
    CAPTURE(shards);
    const temporary_directory dir;
    test::server_process server{with_shards(dir, shards)};
    raw_client client{server.port()};
    client.log_in();
    orders::create(client, 2);
    const partition_id partition{1};

    auto empty = client.call(orders::poll(partition, polling_strategy::first(), 10));
    CHECK(empty.head == polled_head{partition, message_offset{0}, 0});

    send_ok(client, partition, 0, 5);
    send_ok(client, partition, 5, 5);

    CHECK(offsets_of(client.call(orders::poll(partition, polling_strategy::first(), 3))) ==
          offsets{0, 1, 2});
    CHECK(offsets_of(client.call(
              orders::poll(partition, polling_strategy::from_offset(message_offset{4}), 3))) ==
          offsets{4, 5, 6});
    CHECK(offsets_of(client.call(orders::poll(partition, polling_strategy::last(), 3))) ==
          offsets{7, 8, 9});
    CHECK(
        offsets_of(client.call(orders::poll(partition, polling_strategy::last(), 4'000'000'000))) ==
        offsets{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(offsets_of(client.call(orders::poll(
              partition, polling_strategy::from_timestamp(timestamp_from_raw(1)), 2))) ==
          offsets{0, 1});
    const auto beyond =
        client.call(orders::poll(partition, polling_strategy::from_offset(message_offset{10}), 3));
    CHECK(beyond.head == polled_head{partition, message_offset{9}, 0});
    const auto none = client.call(orders::poll(partition, polling_strategy::first(), 0));
    CHECK(none.head == polled_head{partition, message_offset{9}, 0});

    auto next = orders::poll(partition, polling_strategy::next(), 4);
    CHECK(offsets_of(client.call(next)) == offsets{0, 1, 2, 3});
    next.auto_commit = true;
    CHECK(offsets_of(client.call(next)) == offsets{0, 1, 2, 3});
    CHECK(offsets_of(client.call(next)) == offsets{4, 5, 6, 7});
    CHECK(offsets_of(client.call(next)) == offsets{8, 9});
    CHECK(client.call(next).head == polled_head{partition, message_offset{9}, 0});
}

TEST_CASE("server: what was acknowledged is there after restarts with other numbers of shards",
          "[server][restart]") {
    const temporary_directory dir;
    constexpr std::uint32_t partitions = 4;
    constexpr std::uint32_t batch = 50;
    std::uint32_t sent = 0;
    for (const std::string shards : {"1", "2", "1", "2"}) {
        CAPTURE(shards, sent);
        test::server_process server{with_shards(dir, shards)};
        raw_client client{server.port()};
        client.log_in();
        if (sent == 0) {
            orders::create(client, partitions);
        }
        for (std::uint32_t number = 0; number < partitions; ++number) {
            const partition_id partition{number};
            const auto all =
                client.call(orders::poll(partition, polling_strategy::first(), 10'000));
            CHECK(all.head.count == sent);
            send_ok(client, partition, sent, batch, 300);
            auto next = orders::poll(partition, polling_strategy::next(), 10'000);
            next.auto_commit = true;
            const auto polled = client.call(next);
            CHECK(polled.head.count == batch);
            for (const auto& message : polled.messages()) {
                CHECK(load_le<std::uint64_t>(message.payload(), 0) == message.offset().raw());
            }
        }
        sent += batch;
        if (sent % 100 == 0) {
            server.kill_now();
        } else {
            REQUIRE(server.stop().value().code == 0);
        }
    }
}

TEST_CASE("server: large messages and batches arrive whole", "[server][messages]") {
    const temporary_directory dir;
    test::server_process server{with_shards(dir, "2")};
    raw_client client{server.port()};
    client.log_in();
    orders::create(client, 2);
    for (std::uint32_t partition = 0; partition < 2; ++partition) {
        const partition_id at{partition};
        send_ok(client, at, 0, 1, 3'000);
        send_ok(client, at, 1, 1, 5'000'000);
        send_ok(client, at, 2, 1000, 1000);
        send_ok(client, at, 1002, 40, 1000);
        auto polled = client.call(orders::poll(at, polling_strategy::first(), 2000));
        CHECK(polled.head.count == 1042);
        std::uint64_t expected = 0;
        for (const auto& message : polled.messages()) {
            REQUIRE(message.checksum_matches());
            REQUIRE(message.offset().raw() == expected);
            REQUIRE(load_le<std::uint64_t>(message.payload(), 0) == expected);
            ++expected;
        }
    }
}

TEST_CASE("server: errors come in the order of the specification", "[server][errors]") {
    const temporary_directory dir;
    test::server_process server{with_shards(dir, "2")};
    raw_client client{server.port()};
    client.log_in();
    const auto status = [&client](const auto& request) {
        return client.ask(request).value().status;
    };

    auto poll = orders::poll(partition_id{0}, polling_strategy::first(), 1);
    CHECK(status(poll) == 1009);
    client.call(create_stream{"orders"});
    CHECK(status(create_stream{"orders"}) == 1012);
    CHECK(status(poll) == 2010);
    create_topic topic;
    topic.stream = "orders";
    topic.name = "placed";
    topic.partitions_count = 0;
    client.call(topic);
    CHECK(status(topic) == 2013);
    topic.max_size = max_topic_size{1000};
    CHECK(status(topic) == 1019);
    CHECK(status(poll) == 3007);
    poll.consumer.kind = consumer_kind::group;
    CHECK(status(poll) == 5000);

    const auto send_status = [&client](const partitioning& where) {
        client.send(send_frame_of("orders", "placed", where, 0, 1, 10));
        return client.receive().value().status;
    };
    CHECK(send_status(partitioning::balanced()) == 2010);
    CHECK(send_status(partitioning::by_key("k")) == 2010);
    CHECK(send_status(partitioning::to(partition_id{0})) == 3007);
    create_partitions more;
    more.stream = "orders";
    more.topic = "placed";
    more.count = 2;
    client.call(more);
    CHECK(send_status(partitioning::balanced()) == 0);
    CHECK(send_status(partitioning::by_key("k")) == 0);

    auto store = orders::store(partition_id{1}, message_offset{1});
    store.consumer.id = "me";
    CHECK(status(store) == 4100);
    store.partition = partition_id{2};
    CHECK(status(store) == 3007);
    delete_consumer_offset forget;
    forget.consumer.id = "me";
    forget.stream = "orders";
    forget.topic = "placed";
    forget.partition = partition_id{0};
    CHECK(status(forget) == 3021);
    get_consumer_offset get;
    get.consumer.id = "me";
    get.stream = "orders";
    get.topic = "placed";
    CHECK_FALSE(client.call(get));
    store.partition = partition_id{0};
    store.offset = message_offset{0};
    client.call(store);
    const auto stored = client.call(get);
    REQUIRE(stored);
    CHECK(stored->stored_offset == message_offset{0});
    client.call(forget);
    CHECK_FALSE(client.call(get));

    delete_partitions fewer;
    fewer.stream = "orders";
    fewer.topic = "placed";
    fewer.count = 3;
    CHECK(status(fewer) == 2019);
    fewer.count = 0;
    CHECK(status(fewer) == 2015);
    fewer.count = 1;
    client.call(fewer);
    get_topic details;
    details.stream = "orders";
    details.topic = "placed";
    CHECK(client.call(details).value().partitions.size() == 1);
}

TEST_CASE("server: a purge starts the offsets anew and keeps the partitions", "[server][purge]") {
    const temporary_directory dir;
    {
        test::server_process server{with_shards(dir, "2")};
        raw_client client{server.port()};
        client.log_in();
        orders::create(client, 2);
        send_ok(client, partition_id{0}, 0, 10);
        send_ok(client, partition_id{1}, 0, 10);
        purge_topic purge;
        purge.stream = "orders";
        purge.topic = "placed";
        client.call(purge);
        send_ok(client, partition_id{1}, 500, 1);
    }
    test::server_process server{with_shards(dir, "2")};
    raw_client client{server.port()};
    client.log_in();
    CHECK(client.call(orders::poll(partition_id{0}, polling_strategy::first(), 10)).head.count ==
          0);
    CHECK(offsets_of(client.call(orders::poll(partition_id{1}, polling_strategy::first(), 10))) ==
          offsets{0});
    const auto stats = client.call(get_stats{});
    CHECK(stats.messages_count == 1);
    CHECK(stats.partitions_count == 2);
    CHECK(stats.topics_count == 1);
    CHECK(stats.streams_count == 1);
    CHECK(stats.clients_count == 1);
    CHECK(stats.process_id == static_cast<std::uint32_t>(server.pid()));
    CHECK(stats.memory_usage_bytes > 0);
}

TEST_CASE("server: the log says once per topic that expiry and size are not enforced yet",
          "[server][topics]") {
    const temporary_directory dir;
    test::server_process server{with_shards(dir, "1")};
    {
        raw_client client{server.port()};
        client.log_in();
        orders::create(client, 1);  // asks for neither
        update_topic update;
        update.stream = "orders";
        update.topic = "placed";
        update.name = "placed";
        for (const std::uint64_t micros : {1'000'000U, 2'000'000U}) {
            update.expiry = message_expiry{micros};
            client.call(update);
        }
        update.max_size = max_topic_size{std::uint64_t{2} << 30};
        client.call(update);
        client.call(update);
        create_topic other;
        other.stream = "orders";
        other.name = "paid";
        other.partitions_count = 1;
        other.expiry = message_expiry{1'000'000};
        client.call(other);
    }
    REQUIRE(server.stop());
    const std::string output = server.output();
    const auto lines_with = [&output](std::string_view text) {
        int count = 0;
        for (auto at = output.find(text); at != std::string::npos; at = output.find(text, at + 1)) {
            ++count;
        }
        return count;
    };
    CHECK(lines_with("Topic placed: message expiry is stored and shown") == 1);
    CHECK(lines_with("Topic placed: the maximum size is stored and shown") == 1);
    CHECK(lines_with("Topic paid: message expiry is stored and shown") == 1);
    CHECK(lines_with("Topic paid: the maximum size") == 0);
}

TEST_CASE("server: a consumer far behind polls once while producers send many times",
          "[server][messages]") {
    constexpr int polls = 100;
    constexpr int sends = 640;
    const temporary_directory dir;
    test::server_process server{with_shards(dir, "1")};
    raw_client producer{server.port()};
    raw_client consumer{server.port()};
    producer.log_in();
    consumer.log_in();
    orders::create(producer, 1);
    const partition_id partition{0};
    std::uint64_t sent = 0;
    for (; sent < 70'000; sent += 1000) {  // over 64 MiB
        send_ok(producer, partition, sent, 1000, 1000);
    }
    std::vector<std::byte> all_sends;
    std::vector<std::byte> all_polls;
    for (int i = 0; i < sends; ++i) {
        const auto frame = orders::send_frame(partition, sent++, 1, 100);
        all_sends.insert(all_sends.end(), frame.begin(), frame.end());
    }
    for (int i = 0; i < polls; ++i) {
        encode_request(orders::poll(partition, polling_strategy::first(), 1), all_polls).value();
    }

    REQUIRE(::kill(server.pid(), SIGSTOP) == 0);  // so that it finds all of them at once
    producer.send(all_sends);
    consumer.send(all_polls);
    REQUIRE(::kill(server.pid(), SIGCONT) == 0);
    int before_the_last_send = 0;
    for (int i = 0; i < polls; ++i) {
        const auto response = consumer.receive().value();
        REQUIRE(response.status == 0);
        const auto polled = decode_response<poll_messages::response_type>(response.payload).value();
        REQUIRE(offsets_of(polled) == offsets{0});
        before_the_last_send += polled.head.current_offset.raw() + 1 < sent ? 1 : 0;
    }
    CHECK(before_the_last_send <= polls / 10);
    for (int i = 0; i < sends; ++i) {
        REQUIRE(producer.receive().value().status == 0);
    }
}
