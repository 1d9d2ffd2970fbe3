#include <map>

#include <rapidcheck.h>

#include "support.hpp"
#include "support/catch.hpp"

#include "catalog/catalog_replay.hpp"

using namespace iggy;
using namespace iggy::server;
namespace request = iggy::protocol;

namespace {

/// What the catalog should hold, told as plainly as can be.
struct plain_catalog {
    std::map<std::string, std::map<std::string, std::size_t>> partitions;  // by stream and topic
    std::map<std::string, bool> users;                                     // name: active

    friend bool operator==(const plain_catalog&, const plain_catalog&) = default;
};

plain_catalog plain(const catalog_state& state) {
    plain_catalog seen;
    for (const stream_entry& stream : state.streams) {
        auto& topics = seen.partitions[stream.name];
        for (const topic_entry& topic : stream.topics) {
            topics[topic.name] = topic.partitions.size();
        }
    }
    for (const user_entry& user : state.users) {
        seen.users[user.name] = user.status == request::user_status::active;
    }
    return seen;
}

std::string any_name() { return "n" + std::to_string(*rc::gen::inRange(0, 4)); }

/// Does one random thing to both.
void do_something(grown_catalog& catalog, plain_catalog& model) {
    const std::string stream = any_name();
    const std::string topic = any_name();
    const std::string user = "user" + any_name();
    const auto count = *rc::gen::inRange<std::uint32_t>(0, 4);
    const auto at = model.partitions.find(stream);
    const bool has_stream = at != model.partitions.end();
    const bool has_topic = has_stream && at->second.contains(topic);
    bool expected = false;
    bool happened = false;
    switch (*rc::gen::inRange(0, 9)) {
        case 0:
            expected = !has_stream;
            happened = catalog.ask(request::create_stream{stream}).has_value();
            model.partitions[stream];
            break;
        case 1:
            expected = has_stream;
            happened = catalog.ask(request::delete_stream{stream}).has_value();
            model.partitions.erase(stream);
            break;
        case 2: {
            expected = has_stream && (topic == stream || !model.partitions.contains(topic));
            happened = catalog.ask(request::update_stream{stream, topic}).has_value();
            if (expected) {
                auto node = model.partitions.extract(stream);
                node.key() = topic;
                model.partitions.insert(std::move(node));
            }
            break;
        }
        case 3: {
            expected = has_stream && !has_topic;
            request::create_topic wanted;
            wanted.stream = stream;
            wanted.name = topic;
            wanted.partitions_count = count;
            happened = catalog.ask(wanted).has_value();
            if (expected) {
                at->second[topic] = count;
            }
            break;
        }
        case 4:
            expected = has_topic;
            happened = catalog.ask(request::delete_topic{stream, topic}).has_value();
            if (expected) {
                at->second.erase(topic);
            }
            break;
        case 5:
            expected = has_topic && count > 0;
            happened = catalog.ask(request::create_partitions{stream, topic, count}).has_value();
            if (expected) {
                at->second[topic] += count;
            }
            break;
        case 6:
            expected = has_topic && count > 0 && at->second[topic] >= count;
            happened = catalog.ask(request::delete_partitions{stream, topic, count}).has_value();
            if (expected) {
                at->second[topic] -= count;
            }
            break;
        case 7:
            expected = !model.users.contains(user);
            happened = catalog
                           .ask(new_user{user, "hash", request::user_status::active,
                                         rights_on(stream_id{count}, topic_id{count})})
                           .has_value();
            model.users.emplace(user, true);
            break;
        default:
            expected = model.users.contains(user);
            happened = catalog.ask(request::delete_user{user}).has_value();
            model.users.erase(user);
            break;
    }
    RC_ASSERT(happened == expected);
}

}  // namespace

TEST_CASE("catalog: random requests do what a plain model does, and replay and snapshot agree",
          "[server][catalog][property]") {
    REQUIRE(rc::check([] {
        grown_catalog catalog;
        plain_catalog model = plain(*catalog);
        const int steps = *rc::gen::inRange(0, 60);
        const int snapshot_after = *rc::gen::inRange(0, 60);
        catalog_replay replayed{no_counters, true};
        catalog_replay from_snapshot{no_counters, false};
        std::uint64_t offset = 0;
        for (int step = 0; step < steps; ++step) {
            do_something(catalog, model);
            RC_ASSERT(plain(*catalog) == model);
            const auto restored =
                decode_snapshot(catalog->sequence, encode_snapshot(*catalog), no_counters);
            RC_ASSERT(restored.has_value());
            RC_ASSERT(picture(**restored) == picture(*catalog));
            if (step == snapshot_after) {
                const auto content = encode_snapshot(*catalog);
                const auto part = encode(snapshot_part{catalog->sequence, 0, 1, content});
                RC_ASSERT(from_snapshot
                              .take(message_offset{static_cast<std::uint64_t>(step) + 1000}, part)
                              .has_value());
            }
        }
        std::uint64_t sequence = 0;
        for (const catalog_command& command : catalog.commands()) {
            const auto record = encode(numbered_command{++sequence, command});
            for (int twice = 0; twice < 2; ++twice) {
                RC_ASSERT(replayed.take(message_offset{offset++}, record).has_value());
            }
            RC_ASSERT(from_snapshot.take(message_offset{offset++}, record).has_value());
        }
        RC_ASSERT(replayed.complete());
        RC_ASSERT(picture(*replayed.state()) == picture(*catalog));
        if (snapshot_after < steps) {
            RC_ASSERT(from_snapshot.complete());
            RC_ASSERT(picture(*from_snapshot.state()) == picture(*catalog));
        }
    }));
}
