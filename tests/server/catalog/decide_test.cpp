#include "support.hpp"
#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::server;
namespace request = iggy::protocol;
using protocol::error_code;

namespace {

constexpr user_id nobody{1};

/// Stream "s" with topics "t" (2 partitions) and "u", stream "z", and a user without rights.
grown_catalog furnished() {
    grown_catalog catalog;
    REQUIRE(catalog.ask(request::create_stream{"s"}));
    REQUIRE(catalog.ask(request::create_stream{"z"}));
    request::create_topic topic;
    topic.stream = "s";
    topic.name = "t";
    topic.partitions_count = 2;
    REQUIRE(catalog.ask(topic));
    topic.name = "u";
    REQUIRE(catalog.ask(topic));
    REQUIRE(catalog.ask(new_user{"nobody", "hash", request::user_status::active, {}}));
    return catalog;
}

request::create_topic new_topic() {
    request::create_topic topic;
    topic.stream = "s";
    topic.name = "n";
    return topic;
}

request::update_topic changed_topic() {
    request::update_topic topic;
    topic.stream = "s";
    topic.topic = "t";
    topic.name = "t";
    return topic;
}

constexpr auto strange_compression = static_cast<protocol::compression_algorithm>(9);
constexpr auto strange_status = static_cast<protocol::user_status>(9);

}  // namespace

TEST_CASE("catalog: create_stream is checked", "[server][catalog]") {
    auto catalog = furnished();
    REQUIRE(refusal(catalog.ask_as(nobody, request::create_stream{"s"})) ==
            error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(request::create_stream{"s"})) ==
            error_code::stream_name_already_exists);
    REQUIRE(catalog.ask(request::create_stream{"S"}));
}

TEST_CASE("catalog: update_stream is checked", "[server][catalog]") {
    auto catalog = furnished();
    REQUIRE(refusal(catalog.ask_as(nobody, request::update_stream{"x", "z"})) ==
            error_code::stream_id_not_found);
    REQUIRE(refusal(catalog.ask_as(nobody, request::update_stream{"s", "z"})) ==
            error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(request::update_stream{"s", "z"})) ==
            error_code::stream_name_already_exists);
    REQUIRE(catalog.ask(request::update_stream{"s", "s"}));
    REQUIRE(catalog.ask(request::update_stream{stream_id{0}, "new"}));
    REQUIRE(catalog->find("s") == nullptr);
    REQUIRE(catalog->find("new")->id == stream_id{0});
}

TEST_CASE("catalog: delete_stream is checked", "[server][catalog]") {
    auto catalog = furnished();
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_stream{stream_id{9}})) ==
            error_code::stream_id_not_found);
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_stream{"s"})) ==
            error_code::unauthorized);
    REQUIRE(catalog.ask(request::delete_stream{"s"}));
    REQUIRE(catalog->find("s") == nullptr);
}

TEST_CASE("catalog: create_topic is checked in the protocol's order", "[server][catalog]") {
    auto catalog = furnished();
    auto topic = new_topic();
    topic.stream = "x";
    topic.name = "t";
    topic.max_size = protocol::max_topic_size{1};
    topic.compression = strange_compression;
    topic.partitions_count = 1001;
    REQUIRE(refusal(catalog.ask_as(nobody, topic)) == error_code::too_many_partitions);
    topic.partitions_count = 1000;
    REQUIRE(refusal(catalog.ask_as(nobody, topic)) == error_code::invalid_command);
    topic.compression = protocol::compression_algorithm::gzip;
    REQUIRE(refusal(catalog.ask_as(nobody, topic)) == error_code::stream_id_not_found);
    topic.stream = "s";
    REQUIRE(refusal(catalog.ask_as(nobody, topic)) == error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(topic)) == error_code::invalid_topic_size);
    topic.max_size = protocol::max_topic_size{catalog.rules.segment_bytes};
    REQUIRE(refusal(catalog.ask(topic)) == error_code::topic_name_already_exists);
    topic.name = "n";
    REQUIRE(catalog.ask(topic));
    REQUIRE(catalog->find("s")->find("n")->partitions.size() == 1000);
}

TEST_CASE("catalog: what a topic leaves to the server is decided when it is made and changed",
          "[server][catalog]") {
    auto catalog = furnished();
    catalog.rules.default_expiry = protocol::message_expiry{5};
    catalog.rules.default_max_size = protocol::max_topic_size{std::uint64_t{2} << 30};
    auto topic = new_topic();
    topic.replication_factor = 0;
    REQUIRE(catalog.ask(topic));
    const auto settings = [&](const char* name) -> topic_settings {
        return *catalog->find("s")->find(name);
    };
    REQUIRE(settings("n").expiry == protocol::message_expiry{5});
    REQUIRE(settings("n").max_size == protocol::max_topic_size{std::uint64_t{2} << 30});
    REQUIRE(settings("n").replication_factor == 1);
    REQUIRE(settings("t").expiry == protocol::message_expiry::never());
    REQUIRE(catalog.ask(changed_topic()));
    REQUIRE(settings("t") == settings("n"));
}

TEST_CASE("catalog: update_topic is checked in the protocol's order", "[server][catalog]") {
    auto catalog = furnished();
    auto topic = changed_topic();
    topic.stream = "x";
    topic.topic = "x";
    topic.name = "u";
    topic.compression = strange_compression;
    REQUIRE(refusal(catalog.ask_as(nobody, topic)) == error_code::invalid_command);
    topic.compression = protocol::compression_algorithm::none;
    REQUIRE(refusal(catalog.ask_as(nobody, topic)) == error_code::stream_id_not_found);
    topic.stream = "s";
    REQUIRE(refusal(catalog.ask_as(nobody, topic)) == error_code::topic_id_not_found);
    topic.topic = "t";
    REQUIRE(refusal(catalog.ask_as(nobody, topic)) == error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(topic)) == error_code::topic_name_already_exists);
    topic.name = "t";
    REQUIRE(catalog.ask(topic));
}

TEST_CASE("catalog: delete_topic is checked", "[server][catalog]") {
    auto catalog = furnished();
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_topic{"x", "t"})) ==
            error_code::stream_id_not_found);
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_topic{"z", "t"})) ==
            error_code::topic_id_not_found);
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_topic{"s", "t"})) ==
            error_code::unauthorized);
    REQUIRE(catalog.ask(request::delete_topic{"s", topic_id{0}}));
    REQUIRE(catalog->find("s")->find("t") == nullptr);
}

TEST_CASE("catalog: create_partitions is checked", "[server][catalog]") {
    auto catalog = furnished();
    for (const std::uint32_t count : {0U, 1001U}) {
        REQUIRE(refusal(catalog.ask_as(nobody, request::create_partitions{"x", "x", count})) ==
                error_code::too_many_partitions);
    }
    REQUIRE(refusal(catalog.ask_as(nobody, request::create_partitions{"x", "x", 1})) ==
            error_code::stream_id_not_found);
    REQUIRE(refusal(catalog.ask_as(nobody, request::create_partitions{"s", "x", 1})) ==
            error_code::topic_id_not_found);
    REQUIRE(refusal(catalog.ask_as(nobody, request::create_partitions{"s", "t", 1})) ==
            error_code::unauthorized);
    REQUIRE(catalog.ask(request::create_partitions{"s", "t", 1}));
}

TEST_CASE("catalog: delete_partitions is checked", "[server][catalog]") {
    auto catalog = furnished();
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_partitions{"x", "x", 0})) ==
            error_code::too_many_partitions);
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_partitions{"x", "x", 3})) ==
            error_code::stream_id_not_found);
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_partitions{"s", "x", 3})) ==
            error_code::topic_id_not_found);
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_partitions{"s", "t", 3})) ==
            error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(request::delete_partitions{"s", "t", 3})) ==
            error_code::invalid_partitions_count);
    REQUIRE(catalog.ask(request::delete_partitions{"s", "t", 2}));
}

TEST_CASE("catalog: create_user is checked in the protocol's order", "[server][catalog]") {
    auto catalog = furnished();
    new_user user{"no", "hash", strange_status, {}};
    REQUIRE(refusal(catalog.ask_as(nobody, user)) == error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(user)) == error_code::invalid_username);
    user.username = std::string(51, 'x');
    REQUIRE(refusal(catalog.ask(user)) == error_code::invalid_username);
    user.username = "nobody";
    REQUIRE(refusal(catalog.ask(user)) == error_code::invalid_command);
    user.status = request::user_status::inactive;
    REQUIRE(refusal(catalog.ask(user)) == error_code::user_already_exists);
    user.username = "anna";
    user.permissions.emplace().streams = {{stream_id{2}}, {stream_id{1}}, {stream_id{2}, true}};
    REQUIRE(catalog.ask(user));
    const auto& streams = catalog->users.find("anna")->permissions->streams;
    REQUIRE(streams.size() == 2);
    REQUIRE(streams.back().manage_stream);
}

TEST_CASE("catalog: update_user is checked in the protocol's order", "[server][catalog]") {
    auto catalog = furnished();
    request::update_user user{"x", "no", strange_status};
    REQUIRE(refusal(catalog.ask_as(nobody, user)) == error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(user)) == error_code::invalid_username);
    user.username = "iggy";
    REQUIRE(refusal(catalog.ask(user)) == error_code::invalid_command);
    user.status.reset();
    REQUIRE(refusal(catalog.ask(user)) == error_code::resource_not_found);
    user.user = "nobody";
    REQUIRE(refusal(catalog.ask(user)) == error_code::user_already_exists);
    user.username = "nobody";
    user.status = request::user_status::inactive;
    REQUIRE(catalog.ask(user));
    REQUIRE(catalog->users.find("nobody")->status == request::user_status::inactive);
}

TEST_CASE("catalog: change_password is checked in the protocol's order", "[server][catalog]") {
    auto catalog = furnished();
    REQUIRE(refusal(catalog.ask_as(nobody, new_password{"x", "hash", "new"})) ==
            error_code::resource_not_found);
    REQUIRE(refusal(catalog.ask_as(nobody, new_password{"iggy", "hash", "new"})) ==
            error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(new_password{"nobody", "older", "new"})) ==
            error_code::invalid_credentials);
    REQUIRE(catalog.ask_as(nobody, new_password{"nobody", "hash", "new"}));
    REQUIRE(catalog->users.find("nobody")->password_hash == "new");
}

TEST_CASE("catalog: root keeps its rights and cannot be deleted", "[server][catalog]") {
    auto catalog = furnished();
    REQUIRE(refusal(catalog.ask_as(nobody, request::delete_user{"x"})) == error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(request::delete_user{"x"})) == error_code::resource_not_found);
    REQUIRE(refusal(catalog.ask(request::delete_user{"iggy"})) == error_code::cannot_delete_user);
    REQUIRE(refusal(catalog.ask_as(nobody, request::update_permissions{"x", {}})) ==
            error_code::unauthorized);
    REQUIRE(refusal(catalog.ask(request::update_permissions{"x", {}})) ==
            error_code::resource_not_found);
    REQUIRE(refusal(catalog.ask(request::update_permissions{user_id{0}, {}})) ==
            error_code::cannot_change_permissions);
}

TEST_CASE("catalog: rights are effective at the next request", "[server][catalog]") {
    auto catalog = furnished();
    const request::delete_topic deletion{"s", "t"};
    REQUIRE(refusal(catalog.ask_as(nobody, deletion)) == error_code::unauthorized);
    REQUIRE(
        catalog.ask(request::update_permissions{"nobody", rights_on(stream_id{0}, topic_id{0})}));
    REQUIRE(catalog.ask_as(nobody, deletion));
    REQUIRE(catalog.ask(request::delete_user{"nobody"}));
    REQUIRE(refusal(catalog.ask_as(nobody, request::create_stream{"n"})) ==
            error_code::unauthorized);
}
