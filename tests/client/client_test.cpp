#include <iggy/client/client.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "client/fake_peer.hpp"
#include "support/catch.hpp"

namespace protocol = iggy::protocol;
using namespace iggy::client;
using namespace iggy::test;
using namespace std::chrono_literals;

namespace {

options to(const fake_peer& peer) {
    options made;
    made.port = peer.port();
    return made;
}

client connected(const fake_peer& peer) {
    auto made = client::connect(to(peer));
    REQUIRE(made);
    return std::move(*made);
}

/// The payload of a response, as a server encodes it.
template <class Response>
std::vector<std::byte> payload_of(const Response& response) {
    std::vector<std::byte> frame;
    protocol::encode_response(response, frame);
    return {frame.begin() + protocol::frame_header_bytes, frame.end()};
}

std::vector<std::byte> frame_of(const auto& response) {
    std::vector<std::byte> frame;
    protocol::encode_response(response, frame);
    return frame;
}

protocol::stream_info some_stream() {
    return {.id = iggy::stream_id{7},
            .created_at = iggy::timestamp_from_raw(1),
            .topics_count = 2,
            .size_bytes = 3,
            .messages_count = 4,
            .name = "orders"};
}

/// Three messages as a server sends them.
std::vector<std::byte> polled_payload(const std::vector<std::string>& payloads) {
    std::vector<std::byte> messages;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        const auto at = messages.size();
        messages.resize(at + iggy::message_layout::header_bytes);
        const iggy::byte_span header{messages.data() + at, iggy::message_layout::header_bytes};
        iggy::store_le(header, iggy::message_layout::offset_at, std::uint64_t{10 + i});
        iggy::store_le(header, iggy::message_layout::payload_length_at,
                       static_cast<std::uint32_t>(payloads[i].size()));
        const auto bytes = iggy::as_bytes(payloads[i]);
        messages.insert(messages.end(), bytes.begin(), bytes.end());
    }
    const protocol::polled_head head{iggy::partition_id{1}, iggy::message_offset{99},
                                     static_cast<std::uint32_t>(payloads.size())};
    const auto frame =
        protocol::encode_polled_head(head, static_cast<std::uint32_t>(messages.size()));
    const auto opening = iggy::byte_view{frame}.subspan(protocol::frame_header_bytes);
    std::vector<std::byte> payload(opening.size() + messages.size());
    std::ranges::copy(messages, std::ranges::copy(opening, payload.begin()).out);
    return payload;
}

protocol::poll_messages some_poll() {
    protocol::poll_messages request;
    request.stream = "s";
    request.topic = "t";
    request.count = 10;
    return request;
}

}  // namespace

TEST_CASE("client: connecting with a login sends it and keeps the connection", "[client]") {
    std::vector<std::uint32_t> codes;
    {
        fake_peer peer{[&](peer_socket& socket) {
            const auto login = socket.read_request();
            codes.push_back(login.code);
            const auto read = protocol::decode_request<protocol::login_user>(login.payload);
            const bool right = read && read->username == "iggy" && read->password == "secret";
            socket.answer(right ? 0 : 42, payload_of(protocol::login_response{iggy::user_id{0}}));
            codes.push_back(socket.read_request().code);
            socket.answer(0, {});
        }};
        auto made = client::connect("iggy://iggy:secret@127.0.0.1:" + std::to_string(peer.port()));
        REQUIRE(made);
        CHECK(made->ping());
    }
    CHECK(codes == std::vector<std::uint32_t>{38, 1});
}

TEST_CASE("client: a refused login fails the connect with the server's code", "[client]") {
    fake_peer peer{[](peer_socket& socket) {
        socket.read_request();
        socket.answer(42, {});
    }};
    auto where = to(peer);
    where.login = password_login{"iggy", "wrong"};
    const auto made = client::connect(where);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == errc::rejected);
    CHECK(made.error().code == protocol::error_code::invalid_credentials);
}

TEST_CASE("client: a typed answer arrives, also one byte at a time", "[client]") {
    fake_peer peer{[](peer_socket& socket) {
        for (int i = 0; i < 2; ++i) {
            socket.read_request();
            for (const std::byte one : frame_of(std::vector{some_stream()})) {
                socket.write({&one, 1});
            }
        }
    }};
    auto made = connected(peer);
    for (int i = 0; i < 2; ++i) {
        const auto streams = made.streams();
        REQUIRE(streams);
        CHECK(*streams == std::vector{some_stream()});
    }
}

TEST_CASE("client: an error status is typed and the connection goes on", "[client]") {
    fake_peer peer{[](peer_socket& socket) {
        socket.read_request();
        socket.answer(1009, {});
        socket.read_request();
        socket.answer(0, {});
    }};
    auto made = connected(peer);
    const auto purged = made.purge_stream("orders");
    REQUIRE_FALSE(purged);
    CHECK(purged.error().kind == errc::rejected);
    CHECK(static_cast<std::uint32_t>(purged.error().code) == 1009);
    CHECK_THAT(describe(purged.error()), Catch::Contains("stream.purge"));
    CHECK(made.ping());
}

TEST_CASE("client: a polled batch owns its messages and outlives the client", "[client]") {
    polled_batch batch;
    {
        fake_peer peer{[](peer_socket& socket) {
            socket.read_request();
            socket.answer(0, polled_payload({"one", "two", ""}));
        }};
        auto made = connected(peer);
        auto polled = made.poll(some_poll());
        REQUIRE(polled);
        batch = std::move(*polled);
    }
    CHECK(batch.size() == 3);
    CHECK(batch.partition() == iggy::partition_id{1});
    CHECK(batch.current_offset() == iggy::message_offset{99});
    std::vector<std::string> texts;
    std::vector<std::uint64_t> offsets;
    for (const auto& message : batch) {
        texts.emplace_back(message.text());
        offsets.push_back(message.offset().raw());
    }
    CHECK(texts == std::vector<std::string>{"one", "two", ""});
    CHECK(offsets == std::vector<std::uint64_t>{10, 11, 12});
}

TEST_CASE("client: a poll answer that lies about its messages is refused and ends the connection",
          "[client]") {
    bool closed = false;
    fake_peer peer{[&](peer_socket& socket) {
        socket.read_request();
        auto payload = polled_payload({"one", "two"});
        payload.resize(payload.size() - 1);
        socket.answer(0, payload);
        closed = socket.closed_by_client();
    }};
    auto made = connected(peer);
    const auto polled = made.poll(some_poll());
    REQUIRE_FALSE(polled);
    CHECK(polled.error().kind == errc::malformed_response);
    const auto after = made.ping();
    REQUIRE_FALSE(after);
    CHECK(after.error().kind == errc::disconnected);
    peer.finish();
    CHECK(closed);
}

TEST_CASE("client: an answer over the limit is refused before memory is spent on it", "[client]") {
    bool closed = false;
    fake_peer peer{[&](peer_socket& socket) {
        socket.read_request();
        socket.answer_header(0, 0xFFFF'FFFF);
        closed = socket.closed_by_client();
    }};
    auto where = to(peer);
    where.response_bytes_max = 1000;
    auto made = client::connect(where);
    REQUIRE(made);
    const auto stats = made->stats();
    REQUIRE_FALSE(stats);
    CHECK(stats.error().kind == errc::response_too_large);
    CHECK_THAT(describe(stats.error()), Catch::Contains("4294967295"));
    peer.finish();
    CHECK(closed);
}

TEST_CASE("client: a connection that closes inside header or payload is reported as lost",
          "[client]") {
    const auto cut_at = GENERATE(0U, 5U, 8U, 20U);
    fake_peer peer{[cut_at](peer_socket& socket) {
        socket.read_request();
        const auto frame = frame_of(std::vector{some_stream()});
        socket.write(iggy::byte_view{frame}.first(cut_at));
    }};
    auto made = connected(peer);
    const auto streams = made.streams();
    REQUIRE_FALSE(streams);
    CHECK(streams.error().kind == errc::disconnected);
    CHECK_THAT(describe(streams.error()), Catch::Contains("127.0.0.1"));
}

TEST_CASE("client: a server that shuts down unasked is seen at the next call", "[client]") {
    fake_peer peer{[](peer_socket& socket) { socket.answer(8, {}); }};
    auto made = connected(peer);
    const auto first = made.ping();
    REQUIRE_FALSE(first);
    const auto second = made.ping();
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == errc::disconnected);
}

TEST_CASE("client: a silent server runs into the request timeout", "[client]") {
    bool closed = false;
    fake_peer peer{[&](peer_socket& socket) {
        socket.read_request();
        closed = socket.closed_by_client();
    }};
    auto where = to(peer);
    where.request_timeout = 50ms;
    auto made = client::connect(where);
    REQUIRE(made);
    const auto start = std::chrono::steady_clock::now();
    const auto pinged = made->ping();
    REQUIRE_FALSE(pinged);
    CHECK(pinged.error().kind == errc::timeout);
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    CHECK(made->ping().error().kind == errc::disconnected);
    peer.finish();
    CHECK(closed);
}

TEST_CASE("client: a server that reads nothing runs a large send into the timeout", "[client]") {
    std::atomic<bool> over = false;
    fake_peer peer{[&](peer_socket&) { over.wait(false); }};
    auto where = to(peer);
    where.request_timeout = 100ms;
    auto made = client::connect(where);
    REQUIRE(made);
    const std::string large(32'000'000, 'x');
    const auto sent = made->send("s", "t", protocol::partitioning::balanced(), {large});
    over = true;
    over.notify_all();
    REQUIRE_FALSE(sent);
    CHECK(sent.error().kind == errc::timeout);
}

TEST_CASE("client: sent messages arrive with payloads, ids, headers and partitioning", "[client]") {
    peer_socket::request got;
    fake_peer peer{[&](peer_socket& socket) {
        got = socket.read_request();
        socket.answer(0, {});
    }};
    auto made = connected(peer);
    iggy::message_id id{};
    id[0] = std::byte{9};
    const std::vector<protocol::outgoing_message> messages{
        {id, iggy::as_bytes("hello"), iggy::as_bytes("headers"), 5},
        {{}, iggy::as_bytes("world"), {}, 6}};
    const auto sent =
        made.send("orders", iggy::topic_id{3}, protocol::partitioning::by_key("k"), messages);
    REQUIRE(sent);
    peer.finish();
    CHECK(got.code == 101);
    const auto arrived = protocol::decode_send_messages(got.payload);
    REQUIRE(arrived);
    CHECK(arrived->stream.name() == "orders");
    CHECK(arrived->topic.number() == 3);
    CHECK(arrived->partitioning.kind == protocol::partitioning_kind::key);
    CHECK(arrived->count == 2);
    const auto first = iggy::message_at(arrived->messages);
    REQUIRE(first);
    CHECK(first->text() == "hello");
    CHECK(first->id()[0] == std::byte{9});
    CHECK(iggy::as_text(first->user_headers()) == "headers");
}

TEST_CASE("client: a request without a wire form is refused here and costs no connection",
          "[client]") {
    std::uint32_t code = 0;
    fake_peer peer{[&](peer_socket& socket) {
        code = socket.read_request().code;
        socket.answer(0, {});
    }};
    auto made = connected(peer);
    const auto created = made.create_stream("");
    REQUIRE_FALSE(created);
    CHECK(created.error().kind == errc::invalid_request);
    CHECK(made.ping());
    peer.finish();
    CHECK(code == 1);
}

TEST_CASE("client: nobody listening is said with address and errno, after the retries",
          "[client]") {
    options where;
    where.port = closed_port();
    where.connect_retries = 2;
    where.retry_interval = 1ms;
    const auto made = client::connect(where);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == errc::cannot_connect);
    CHECK(made.error().os_error == ECONNREFUSED);
    CHECK_THAT(describe(made.error()), Catch::Contains("127.0.0.1:" + std::to_string(where.port)) &&
                                           Catch::Contains("tried 3 times"));
}

TEST_CASE("client: a host name resolves, and one that does not exist is named", "[client]") {
    fake_peer peer{[](peer_socket& socket) {
        socket.read_request();
        socket.answer(0, {});
    }};
    auto where = to(peer);
    where.host = "localhost";
    auto made = client::connect(where);
    REQUIRE(made);
    CHECK(made->ping());

    where.host = "no such host";
    const auto failed = client::connect(where);
    REQUIRE_FALSE(failed);
    CHECK_THAT(describe(failed.error()), Catch::Contains("no such host"));
}

TEST_CASE("client: threads may share one client", "[client]") {
    constexpr int threads = 4;
    constexpr int calls = 50;
    fake_peer peer{[](peer_socket& socket) {
        while (socket.read_request().code != 0) {
            socket.answer(0, payload_of(std::vector{some_stream()}));
        }
    }};
    std::atomic<int> right = 0;
    {
        auto made = connected(peer);
        std::vector<std::thread> workers;
        for (int i = 0; i < threads; ++i) {
            workers.emplace_back([&] {
                for (int call = 0; call < calls; ++call) {
                    const auto streams = made.streams();
                    right += streams && *streams == std::vector{some_stream()} ? 1 : 0;
                }
            });
        }
        for (auto& worker : workers) {
            worker.join();
        }
    }
    CHECK(right == threads * calls);
}
