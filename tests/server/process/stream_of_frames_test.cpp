#include <string>
#include <vector>

#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/served.hpp"

using namespace iggy;
using iggy::test::raw_client;
using iggy::test::send_frame_of;

TEST_CASE("tcp: pipelined frames are answered in order", "[server][tcp]") {
    test::served on;
    raw_client client{on.server.port()};
    client.log_in();
    constexpr int rounds = 500;
    std::vector<std::byte> frames;
    for (int i = 0; i < rounds; ++i) {
        protocol::encode_request(protocol::ping{}, frames).value();
        protocol::encode_request(protocol::get_me{}, frames).value();
    }
    client.send(frames);
    for (int i = 0; i < rounds; ++i) {
        const auto first = client.receive();
        REQUIRE(first);
        CHECK(first->payload.empty());
        const auto second = client.receive();
        REQUIRE(second);
        CHECK_FALSE(second->payload.empty());
    }
}

TEST_CASE("tcp: a connection that moves to the shard of its partition loses nothing on the way",
          "[server][tcp]") {
    const auto migrates = GENERATE("true", "false");  // or that stays, and its requests travel
    test::served on{
        {{"IGGY_SYSTEM_SHARDING_CPU_ALLOCATION", "2"}, {"IGGY_TCP_SOCKET_MIGRATION", migrates}}};
    raw_client client{on.server.port()};
    client.log_in();
    protocol::create_stream stream;
    stream.name = "s";
    client.call(stream);
    protocol::create_topic topic;
    topic.stream = "s";
    topic.name = "t";
    topic.partitions_count = 4;  // neighbours belong to different shards
    client.call(topic);
    constexpr std::uint32_t sends = 200;
    for (std::uint32_t partition = 0; partition < topic.partitions_count; ++partition) {
        const auto where = protocol::partitioning::to(partition_id{partition});
        std::vector<std::byte> frames;
        for (std::uint32_t number = 0; number < sends; ++number) {
            const auto frame = send_frame_of("s", "t", where, number, 1, 100);
            frames.insert(frames.end(), frame.begin(), frame.end());
        }
        client.send(frames);  // the move finds frames that were read and not yet answered
        for (std::uint32_t number = 0; number < sends; ++number) {
            REQUIRE(client.receive().value().status == 0);
        }
        protocol::poll_messages poll;
        poll.stream = "s";
        poll.topic = "t";
        poll.partition = partition_id{partition};
        poll.strategy = protocol::polling_strategy::from_offset(message_offset{0});
        poll.count = sends + 1;
        const auto polled = client.call(poll);
        REQUIRE(polled.head.count == sends);
        std::uint64_t expected = 0;
        for (const auto message : polled.messages()) {
            CHECK(load_le<std::uint64_t>(message.payload(), 0) == expected);
            CHECK(message.offset() == message_offset{expected});
            ++expected;
        }
    }
}

TEST_CASE("tcp: a frame may arrive byte by byte", "[server][tcp]") {
    test::served on;
    raw_client client{on.server.port()};
    std::vector<std::byte> frame;
    protocol::login_user login;
    login.username = "iggy";
    login.password = "iggy";
    protocol::encode_request(login, frame).value();
    for (const std::byte& byte : frame) {
        client.send({&byte, 1});
    }
    const auto response = client.receive();
    REQUIRE(response);
    CHECK(response->status == 0);
}

TEST_CASE("tcp: requests sent before the sending side was shut down are answered",
          "[server][tcp]") {
    test::served on;
    raw_client client{on.server.port()};
    std::vector<std::byte> frames;
    protocol::encode_request(protocol::ping{}, frames).value();
    protocol::encode_request(protocol::ping{}, frames).value();
    client.send(frames);
    client.shut_down_sending();
    CHECK(client.receive().value().status == 0);
    CHECK(client.receive().value().status == 0);
    CHECK_FALSE(client.receive());
}

TEST_CASE("tcp: a header that announces less than its code is answered and skipped",
          "[server][tcp]") {
    test::served on;
    raw_client client{on.server.port()};
    std::vector<std::byte> header(8);
    store_le<std::uint32_t>(header, 0, 3);
    store_le<std::uint32_t>(header, 4, 1);
    client.send(header);
    CHECK(client.receive().value().status == 3);
    CHECK(client.ask(protocol::ping{}).value().status == 0);
}

TEST_CASE("tcp: a control frame over its limit is answered and ends the connection",
          "[server][tcp]") {
    test::served on;
    raw_client client{on.server.port()};
    client.send_frame(200, {}, protocol::control_payload_bytes_max + 1);
    CHECK(client.receive().value().status == 3);
    CHECK_FALSE(client.receive());
}

TEST_CASE("tcp: a send over its limit is read to its end, refused, and the connection goes on",
          "[server][tcp]") {
    test::served on{{{"IGGY_TCP_REQUEST_BYTES_MAX", "1 MiB"}}};
    raw_client client{on.server.port()};
    client.log_in();
    const std::vector<std::byte> payload(3 << 20);
    client.send_frame(101, payload);
    CHECK(client.receive().value().status == 80);
    CHECK(client.ask(protocol::ping{}).value().status == 0);
}

TEST_CASE("tcp: a send without login is read to its end and refused", "[server][tcp]") {
    test::served on;
    raw_client client{on.server.port()};
    const std::vector<std::byte> payload(1 << 20);
    client.send_frame(101, payload);
    CHECK(client.receive().value().status == 40);
    CHECK(client.ask(protocol::ping{}).value().status == 0);
}

TEST_CASE("tcp: an idle connection is told that the server stops", "[server][tcp]") {
    test::served on;
    raw_client idle{on.server.port()};
    idle.log_in();
    raw_client in_a_frame{on.server.port()};
    CHECK(in_a_frame.ask(protocol::ping{}).value().status == 0);
    in_a_frame.send_frame(200, {}, 100);
    const auto end = on.server.stop();
    REQUIRE(end);
    CHECK(end->code == 0);
    for (raw_client* const client : {&idle, &in_a_frame}) {
        const auto goodbye = client->receive();
        REQUIRE(goodbye);
        CHECK(goodbye->status == 8);
        CHECK(goodbye->payload.empty());
        CHECK_FALSE(client->receive());
    }
}

TEST_CASE("server: a second server on the same port fails with exit code 1", "[server][tcp]") {
    test::served on;
    const temporary_directory other;
    const auto outcome =
        test::run_program({.program = IGGY_TEST_SERVER_PROGRAM,
                           .arguments = {"--with-default-root-credentials"},
                           .environment = {{"IGGY_SYSTEM_PATH", (other / "data").string()},
                                           {"IGGY_TCP_ADDRESS", on.server.address()},
                                           {"IGGY_HTTP_ENABLED", "false"},
                                           {"IGGY_QUIC_ENABLED", "false"},
                                           {"IGGY_WEBSOCKET_ENABLED", "false"}},
                           .work_dir = other.path(),
                           .stdout_file = {},
                           .stderr_file = {},
                           .stdin_file = {}});
    CHECK(outcome.exit_code == 1);
    CHECK((outcome.err + outcome.out).find(on.server.address()) != std::string::npos);
}

TEST_CASE("server: io_uring on demand where the kernel refuses it ends the start with advice",
          "[server][start]") {
    const temporary_directory dir;
    const auto outcome = test::run_program(
        {.program = IGGY_TEST_NO_IO_URING_PROGRAM,
         .arguments = {IGGY_TEST_SERVER_PROGRAM, "--with-default-root-credentials"},
         .environment = {{"IGGY_SYSTEM_PATH", (dir / "data").string()},
                         {"IGGY_SYSTEM_IO_ENGINE", "io_uring"},
                         {"IGGY_TCP_ADDRESS", "127.0.0.1:0"}},
         .work_dir = dir.path(),
         .stdout_file = {},
         .stderr_file = {},
         .stdin_file = {}});
    CHECK(outcome.exit_code == 1);
    const std::string said = outcome.err + outcome.out;
    CHECK_THAT(said, Catch::Contains("system.io.engine") && Catch::Contains("seccomp") &&
                         Catch::Contains("Operation not permitted") &&
                         Catch::Contains("\"auto\" or \"portable\""));
}
