#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "config/server_config.hpp"
#include "raw_client.hpp"
#include "service/service.hpp"
#include "shard/shard_map.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "tcp/tcp_connections.hpp"

using namespace std::chrono_literals;
using iggy::test::raw_client;
namespace server = iggy::server;
namespace storage = iggy::storage;

namespace {

constexpr std::uint32_t unknown_command = 9999;  // answered 3 once its payload was read

/// The connections of one shard in this process, with limits that a test chooses.
class shard_of_connections {
public:
    explicit shard_of_connections(server::overdraft_terms terms)
        : data_{storage::data_directory::open(dir_.path()).value()},
          limits_{1 << 20, beyond_memory_, terms} {
        shards_.start(data_).value();
        all_.push_back(std::make_unique<server::tcp_connections>(shards_.first(), all_, service_,
                                                                 clients_, limits_));
        connections_ = all_.front().get();
    }
    ~shard_of_connections() {
        on_shard([this] { connections_->abort(); });
        comes_true([this] { return open() == 0; });
        shards_.stop();
    }
    shard_of_connections(const shard_of_connections&) = delete;
    shard_of_connections& operator=(const shard_of_connections&) = delete;

    std::unique_ptr<raw_client> connect() {
        boost::asio::ip::tcp::socket accepted{shards_.first().context()};
        auto client = std::make_unique<raw_client>(acceptor_.local_endpoint().port());
        acceptor_.accept(accepted);
        on_shard([this, &accepted] { connections_->serve(std::move(accepted)); });
        return client;
    }
    /// Nothing is left for large frames from now on.
    void use_up_memory() { data_->memory().take(data_->memory().limit()); }
    /// Returns once a connection holds the overdraft.
    bool overdraft_was_taken() {
        return comes_true([this] { return !beyond_memory_.try_take(); });
    }
    /// Returns once a connection has memory for a large frame, beside the block that all read into.
    bool memory_was_taken() {
        return comes_true([this] { return data_->memory().used() >= std::uint64_t{192} << 10; });
    }

    /// Has `client` send `frames` at once and says how often other work of the shard got its turn
    /// between the first and the last byte of the answers.
    std::size_t turns_of_others(raw_client& client, iggy::byte_view frames,
                                std::size_t answer_bytes) {
        std::promise<std::size_t> counted;
        on_shard([&] {
            client.send(frames);
            look(client, answer_bytes, 0, counted);
        });
        return counted.get_future().get();
    }

private:
    /// Again and again, on the shard, until the answers are there or cannot be any more.
    void look(raw_client& client, std::size_t answer_bytes, std::size_t turns,
              std::promise<std::size_t>& counted) {
        const std::size_t came = client.discard_waiting();
        if (came == answer_bytes || connections_->size() == 0) {
            counted.set_value(came == answer_bytes ? turns : 0);
            return;
        }
        boost::asio::post(shards_.first().context(),
                          [this, &client, left = answer_bytes - came, turns, came, &counted] {
                              look(client, left, turns + (came > 0 ? 1 : 0), counted);
                          });
    }
    template <class Condition>
    static bool comes_true(Condition condition) {
        const auto patience = std::chrono::steady_clock::now() + 20s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > patience) {
                return false;
            }
            std::this_thread::yield();
        }
        return true;
    }
    std::size_t open() {
        return shards_.post(shards_.first(), [this] { return connections_->size(); }).get();
    }
    template <class Work>
    void on_shard(Work work) {
        shards_.post(shards_.first(), std::move(work)).get();
    }

    temporary_directory dir_;
    std::shared_ptr<storage::data_directory> data_;
    server::server_config config_{};
    server::shard_map shards_{1, [](std::size_t, const std::string&) {}};
    server::client_registry clients_;
    server::process_stats process_{dir_.path()};
    server::service service_{config_, {}, *data_, shards_, clients_, process_, {}, nullptr, {}, {}};
    server::overdraft beyond_memory_;
    server::tcp_limits limits_;
    boost::asio::io_context accepting_;
    boost::asio::ip::tcp::acceptor acceptor_{accepting_,
                                             {boost::asio::ip::address_v4::loopback(), 0}};
    server::tcp_connections::all all_;
    server::tcp_connections* connections_ = nullptr;
};

constexpr server::overdraft_terms short_terms{50ms, 1 << 30};
constexpr server::overdraft_terms long_terms{1h, 1};

}  // namespace

TEST_CASE("tcp: who stalls while it holds the overdraft is cut off, and others go on",
          "[server][tcp]") {
    shard_of_connections on{short_terms};
    const auto stalled = on.connect();
    const auto other = on.connect();
    on.use_up_memory();
    stalled->send_frame(unknown_command, std::vector<std::byte>(10'000), 1 << 20);
    REQUIRE(on.overdraft_was_taken());
    other->send_frame(unknown_command, std::vector<std::byte>(100'000));
    CHECK(other->receive().value().status == 3);
    CHECK_FALSE(stalled->receive());
}

TEST_CASE("tcp: a frame of the overdraft that arrives in pieces in time is answered",
          "[server][tcp]") {
    shard_of_connections on{long_terms};
    const auto slow = on.connect();
    on.use_up_memory();
    constexpr std::uint32_t pieces = 100;
    const std::vector<std::byte> piece(3000);
    slow->send_frame(unknown_command, piece, pieces * static_cast<std::uint32_t>(piece.size()));
    REQUIRE(on.overdraft_was_taken());
    for (std::uint32_t i = 1; i < pieces; ++i) {
        slow->send(piece);
    }
    CHECK(slow->receive().value().status == 3);
}

TEST_CASE("tcp: a connection that stalls without the overdraft is left alone", "[server][tcp]") {
    shard_of_connections on{short_terms};
    const auto stalled = on.connect();
    const std::vector<std::byte> half(30'000);
    stalled->send_frame(unknown_command, half, 60'000);
    REQUIRE(on.memory_was_taken());
    on.use_up_memory();
    // Holds the overdraft, and ends only after the time that the first would have got.
    const auto cut = on.connect();
    cut->send_frame(unknown_command, half, 60'000);
    CHECK_FALSE(cut->receive());
    stalled->send(half);
    CHECK(stalled->receive().value().status == 3);
}

TEST_CASE("overdraft: a frame gets the time that its bytes take at the lowest rate",
          "[server][tcp]") {
    const server::overdraft_terms terms;
    CHECK(terms.longest(0) == 10s);
    CHECK(terms.longest(1 << 20) == 14s);
    CHECK(terms.longest(128 << 20) == 522s);
}

TEST_CASE("tcp: a connection that sends many requests at once lets others have their turn",
          "[server][tcp]") {
    shard_of_connections on{short_terms};
    const auto busy = on.connect();
    constexpr std::size_t requests = 4000;
    constexpr std::size_t frame_bytes = iggy::protocol::frame_header_bytes;
    std::vector<std::byte> frames(requests * frame_bytes);
    for (std::size_t at = 0; at < frames.size(); at += frame_bytes) {
        iggy::store_le<std::uint32_t>(frames, at, sizeof unknown_command);
        iggy::store_le(frames, at + sizeof unknown_command, unknown_command);
    }
    CHECK(on.turns_of_others(*busy, frames, frames.size()) > 100);
}
