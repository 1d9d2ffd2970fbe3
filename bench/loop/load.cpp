// Connections that each keep one request in flight, to a partition of their own. Sends the same
// frame again and again, so that making it costs nothing. When all are logged in it prints "ready"
// and waits for a line, then works, and prints one line of JSON.

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <iggy/protocol/protocol.hpp>

#include "../iggy-bench/src/socket_calls.hpp"

namespace {

using namespace iggy;
using clock = std::chrono::steady_clock;

constexpr auto usage =
    "usage: iggy-load PORT prepare|produce|watched|poll|remove CONNECTIONS BATCH BYTES REQUESTS\n"
    "  prepare   makes a stream with a topic of CONNECTIONS partitions\n"
    "  produce   each connection sends REQUESTS batches of BATCH messages with BYTES of payload\n"
    "  watched   the same beside bystanders, who ping each millisecond\n"
    "  poll      each connection reads what produce wrote with the same arguments\n"
    "  remove    deletes the stream\n";

[[noreturn]] void fail(std::string_view what) {
    fmt::print(stderr, "iggy-load: {}\n", what);
    std::exit(1);
}

constexpr std::string_view stream_name = "load";
constexpr std::string_view topic_name = "load";

struct work {
    std::uint16_t port = 0;
    std::string_view kind;
    std::uint32_t connections = 1;
    std::uint32_t batch = 1;
    std::uint32_t bytes = 1000;
    std::uint32_t requests = 1;
};

/// One blocking connection, logged in.
class connection {
public:
    explicit connection(std::uint16_t port)
        : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}, answer_(1 << 16) {
        const sockaddr_in address = bench::loopback(port);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            fail("cannot connect");
        }
        bench::send_at_once(socket_);
        protocol::login_user login;
        login.username = "iggy";
        login.password = "iggy";
        call(login);
    }
    ~connection() { ::close(socket_); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    template <class Request>
    void call(const Request& request) {
        frame_.clear();
        if (!protocol::encode_request(request, frame_)) {
            fail("a request cannot be encoded");
        }
        exchange(frame_);
    }

    /// Payload of the answer; borrowed until the next call.
    byte_view exchange(byte_view frame) {
        std::array<std::byte, protocol::frame_header_bytes> header;
        if (!bench::send_all(socket_, frame) || !bench::receive_all(socket_, header)) {
            fail("the server ended the connection");
        }
        const auto status = load_le<std::uint32_t>(header, 0);
        const std::size_t size = load_le<std::uint32_t>(header, 4);
        if (status != 0) {
            fail(fmt::format("the server answered with error {}", status));
        }
        if (answer_.size() < size) {
            answer_.resize(size);
        }
        const byte_span payload = byte_span{answer_}.first(size);
        if (!bench::receive_all(socket_, payload)) {
            fail("the server ended the connection");
        }
        return payload;
    }

private:
    int socket_;
    std::vector<std::byte> answer_;
    std::vector<std::byte> frame_;
};

std::vector<std::byte> send_frame(const work& todo, partition_id partition) {
    const std::vector<std::byte> payload(todo.bytes, std::byte{'x'});
    std::vector<protocol::outgoing_message> messages(todo.batch);
    for (auto& message : messages) {
        message.payload = payload;
    }
    std::vector<std::byte> frame;
    const protocol::send_messages request{std::string{stream_name}, std::string{topic_name},
                                          protocol::partitioning::to(partition), messages};
    if (!protocol::encode_request(request, frame)) {
        fail("a send cannot be encoded: smaller batches");
    }
    return frame;
}

/// Does the work of one connection; the time of each request in seconds.
void run_one(const work& todo, std::uint32_t number, connection& over, std::vector<float>& times) {
    const partition_id partition{number};
    std::vector<std::byte> frame;
    protocol::poll_messages poll;
    poll.consumer.id = protocol::identifier::from_number(number + 1);
    poll.stream = std::string{stream_name};
    poll.topic = std::string{topic_name};
    poll.partition = partition;
    poll.count = todo.batch;
    const bool produces = todo.kind != "poll";
    if (produces) {
        frame = send_frame(todo, partition);
    }
    for (std::uint32_t request = 0; request < todo.requests; ++request) {
        const auto begin = clock::now();
        if (!produces) {
            frame.clear();
            poll.strategy = protocol::polling_strategy::from_offset(
                message_offset{std::uint64_t{request} * todo.batch});
            if (!protocol::encode_request(poll, frame)) {
                fail("a poll cannot be encoded");
            }
        }
        const byte_view answer = over.exchange(frame);
        if (!produces && load_le<std::uint32_t>(answer, 12) != todo.batch) {
            fail("a poll came back short: produce with the same arguments first");
        }
        times.push_back(std::chrono::duration<float>(clock::now() - begin).count());
    }
}

/// A connection with nothing to do with the load pings on a schedule; the time of each from when it
/// was due, in seconds.
std::vector<float> ping_until(const std::atomic<bool>& end, connection& over) {
    constexpr std::chrono::milliseconds period{1};
    std::vector<std::byte> frame;
    if (!protocol::encode_request(protocol::ping{}, frame)) {
        fail("a ping cannot be encoded");
    }
    std::vector<float> times;
    for (auto due = clock::now(); !end.load(std::memory_order_relaxed); due += period) {
        std::this_thread::sleep_until(due);
        over.exchange(frame);
        times.push_back(std::chrono::duration<float>(clock::now() - due).count());
    }
    return times;
}

/// In microseconds.
double at_share(const std::vector<float>& sorted, double share) {
    const auto place = static_cast<std::size_t>(static_cast<double>(sorted.size()) * share);
    return sorted.empty() ? 0 : sorted[std::min(sorted.size() - 1, place)] * 1e6;
}

void run(const work& todo) {
    std::vector<std::unique_ptr<connection>> open;
    std::vector<std::vector<float>> times(todo.connections);
    for (std::uint32_t number = 0; number < todo.connections; ++number) {
        open.push_back(std::make_unique<connection>(todo.port));
        times[number].reserve(todo.requests);
    }
    // New connections go to the shards in turn: one bystander for each of the two.
    constexpr std::size_t bystanders = 2;
    std::vector<std::unique_ptr<connection>> idle;
    std::vector<std::vector<float>> pings(todo.kind == "watched" ? bystanders : 0);
    idle.reserve(pings.size());
    for (std::size_t number = 0; number < pings.size(); ++number) {
        idle.push_back(std::make_unique<connection>(todo.port));
    }
    // Whoever measures the server's processor time does so from here on: logins cost much of it.
    fmt::print("ready\n");
    std::fflush(stdout);
    std::getchar();
    std::atomic<bool> end{false};
    std::vector<std::thread> watching;
    watching.reserve(pings.size());
    for (std::size_t number = 0; number < pings.size(); ++number) {
        watching.emplace_back([&, number] { pings[number] = ping_until(end, *idle[number]); });
    }
    std::vector<std::thread> threads;
    threads.reserve(todo.connections);
    const auto begin = clock::now();
    for (std::uint32_t number = 0; number < todo.connections; ++number) {
        threads.emplace_back([&, number] { run_one(todo, number, *open[number], times[number]); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    const double seconds = std::chrono::duration<double>(clock::now() - begin).count();
    end = true;
    double ping_p99 = 0;
    for (std::size_t number = 0; number < pings.size(); ++number) {
        watching[number].join();
        std::ranges::sort(pings[number]);
        ping_p99 = std::max(ping_p99, at_share(pings[number], 0.99));
    }
    std::vector<float> all;
    for (const auto& of_one : times) {
        all.insert(all.end(), of_one.begin(), of_one.end());
    }
    std::ranges::sort(all);
    fmt::print(
        R"({{"seconds": {:.6f}, "messages": {}, "p50_us": {:.1f}, "p99_us": {:.1f}, "p999_us": {:.1f}, "ping_p99_us": {:.1f}}})"
        "\n",
        seconds, all.size() * todo.batch, at_share(all, 0.5), at_share(all, 0.99),
        at_share(all, 0.999), ping_p99);
}

template <class Number>
bool read_number(const char* text, Number& into) {
    const std::string_view all{text};
    const auto [end, failed] = std::from_chars(all.data(), all.data() + all.size(), into);
    return failed == std::errc{} && end == all.data() + all.size() && into > 0;
}

}  // namespace

int main(int count, char** arguments) {
    work todo;
    if (count != 7 || !read_number(arguments[1], todo.port) ||
        !read_number(arguments[3], todo.connections) || !read_number(arguments[4], todo.batch) ||
        !read_number(arguments[5], todo.bytes) || !read_number(arguments[6], todo.requests)) {
        std::fputs(usage, stderr);
        return 2;
    }
    todo.kind = arguments[2];
    if (todo.kind == "prepare") {
        connection over{todo.port};
        protocol::create_stream stream;
        stream.name = stream_name;
        over.call(stream);
        protocol::create_topic topic;
        topic.stream = std::string{stream_name};
        topic.name = topic_name;
        topic.partitions_count = todo.connections;
        over.call(topic);
    } else if (todo.kind == "remove") {
        protocol::delete_stream stream;
        stream.stream = std::string{stream_name};
        connection{todo.port}.call(stream);
    } else if (todo.kind == "produce" || todo.kind == "watched" || todo.kind == "poll") {
        run(todo);
    } else {
        std::fputs(usage, stderr);
        return 2;
    }
}
