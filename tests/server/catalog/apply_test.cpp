#include "support.hpp"
#include "support/catch.hpp"

#include "catalog/published_catalog.hpp"

using namespace iggy;
using namespace iggy::server;
namespace request = iggy::protocol;

namespace {

std::uint32_t new_stream(grown_catalog& catalog, const std::string& name) {
    const auto made = catalog.ask(request::create_stream{name});
    REQUIRE(made);
    return std::get<catalog_record::create_stream>(*made).id.raw();
}

request::create_topic topic_in(const char* stream, const char* name, std::uint32_t partitions) {
    request::create_topic wanted;
    wanted.stream = stream;
    wanted.name = name;
    wanted.partitions_count = partitions;
    return wanted;
}

}  // namespace

TEST_CASE("catalog: freed numbers are given out again, the last freed first", "[server][catalog]") {
    grown_catalog catalog;
    for (std::uint32_t number = 0; number < 4; ++number) {
        REQUIRE(new_stream(catalog, "s" + std::to_string(number)) == number);
    }
    for (const std::uint32_t freed : {1U, 3U, 0U}) {
        REQUIRE(catalog.ask(request::delete_stream{stream_id{freed}}));
    }
    REQUIRE(new_stream(catalog, "a") == 0);
    REQUIRE(new_stream(catalog, "b") == 3);
    REQUIRE(new_stream(catalog, "c") == 1);
    REQUIRE(new_stream(catalog, "d") == 4);
}

TEST_CASE("catalog: the order of freed numbers survives a snapshot", "[server][catalog]") {
    grown_catalog catalog;
    for (const char* name : {"a", "b", "c"}) {
        new_stream(catalog, name);
    }
    REQUIRE(catalog.ask(request::delete_stream{"c"}));
    REQUIRE(catalog.ask(request::delete_stream{"a"}));
    const auto restored =
        decode_snapshot(catalog->sequence, encode_snapshot(*catalog), no_counters);
    REQUIRE(restored);
    REQUIRE((*restored)->streams.next_id() == stream_id{0});
    REQUIRE(picture(**restored) == picture(*catalog));
}

TEST_CASE("catalog: a change shares what it does not touch", "[server][catalog]") {
    grown_catalog catalog;
    new_stream(catalog, "touched");
    new_stream(catalog, "untouched");
    REQUIRE(catalog.ask(topic_in("untouched", "t", 2)));
    const catalog_state before = *catalog;
    REQUIRE(catalog.ask(topic_in("touched", "t", 1)));
    REQUIRE(before.find("untouched") == catalog->find("untouched"));
    REQUIRE(before.find("touched") != catalog->find("touched"));
    REQUIRE(before.find("touched")->topics.empty());
}

TEST_CASE("catalog: partitions come and go at the end of the list", "[server][catalog]") {
    grown_catalog catalog;
    new_stream(catalog, "s");
    REQUIRE(catalog.ask(topic_in("s", "t", 3)));
    REQUIRE(catalog.ask(request::create_partitions{"s", "t", 2}));
    const auto logs = [&] { return logs_of(*catalog->find("s")->find("t")); };
    REQUIRE(logs() == std::vector{log_uid{1}, log_uid{2}, log_uid{3}, log_uid{4}, log_uid{5}});
    const catalog_state before = *catalog;
    const auto deleted = catalog.ask(request::delete_partitions{"s", "t", 3});
    REQUIRE(deleted);
    REQUIRE(logs_removed_by(before, *deleted) == std::vector{log_uid{3}, log_uid{4}, log_uid{5}});
    REQUIRE(logs() == std::vector{log_uid{1}, log_uid{2}});
}

TEST_CASE("catalog: rights on a deleted stream are not inherited by the next one",
          "[server][catalog]") {
    grown_catalog catalog;
    new_stream(catalog, "s");
    REQUIRE(catalog.ask(new_user{"anna", "hash", request::user_status::active,
                                 rights_on(stream_id{0}, topic_id{0})}));
    REQUIRE(catalog.ask(request::delete_stream{"s"}));
    REQUIRE(new_stream(catalog, "other") == 0);
    REQUIRE(catalog->users.find("anna")->permissions->streams.empty());
}

TEST_CASE("catalog: rights on a deleted topic are not inherited by the next one",
          "[server][catalog]") {
    grown_catalog catalog;
    new_stream(catalog, "s");
    REQUIRE(catalog.ask(topic_in("s", "t", 1)));
    REQUIRE(catalog.ask(new_user{"anna", "hash", request::user_status::active,
                                 rights_on(stream_id{0}, topic_id{0})}));
    REQUIRE(catalog.ask(request::delete_topic{"s", "t"}));
    const auto& streams = catalog->users.find("anna")->permissions->streams;
    REQUIRE(streams.size() == 1);
    REQUIRE(streams.front().read_stream);
    REQUIRE(streams.front().topics.empty());
}

TEST_CASE("catalog: who was logged in as a deleted user is not the next user of that number",
          "[server][catalog]") {
    grown_catalog catalog;
    REQUIRE(catalog.ask(new_user{"anna", "hash", request::user_status::active, {}}));
    const catalog_caller anna{user_id{1}, catalog->users.find("anna")->born};
    REQUIRE(catalog->find(anna) != nullptr);
    REQUIRE(catalog.ask(request::delete_user{"anna"}));
    REQUIRE(catalog.ask(new_user{"bert", "hash", request::user_status::active, {}}));
    REQUIRE(catalog->users.find("bert")->id == anna.user);
    REQUIRE(catalog->find(anna) == nullptr);
}

TEST_CASE("catalog: a command that does not fit is refused", "[server][catalog]") {
    const grown_catalog catalog;
    const catalog_command strange = catalog_record::create_stream{stream_id{7}, "s", test_time};
    REQUIRE_FALSE(apply(*catalog, strange, no_counters));
    REQUIRE_FALSE(apply(*catalog, catalog_record::delete_stream{stream_id{0}}, no_counters));
    REQUIRE_FALSE(apply(*catalog, catalog_record::delete_partitions{}, no_counters));
    REQUIRE_FALSE(apply(*catalog, catalog_record::delete_user{user_id{1}}, no_counters));
}

TEST_CASE("catalog: a view follows what is published", "[server][catalog]") {
    published_catalog published;
    catalog_view view{published};
    const auto first = view.current();
    REQUIRE(first->sequence == 0);
    const grown_catalog catalog;
    published.publish(std::make_shared<const catalog_state>(*catalog));
    REQUIRE(view.current()->sequence == 1);
    REQUIRE(view.current() == published.current());
    REQUIRE(first->sequence == 0);
}

TEST_CASE("catalog: balanced sends take partitions in turn, whichever state they see",
          "[server][catalog]") {
    grown_catalog catalog;
    new_stream(catalog, "s");
    REQUIRE(catalog.ask(topic_in("s", "t", 2)));
    const auto next = [&] { return catalog->find("s")->find("t")->next_balanced().raw(); };
    REQUIRE(next() == 0);
    REQUIRE(catalog.ask(request::create_partitions{"s", "t", 1}));
    REQUIRE(next() == 1);
    REQUIRE(next() == 2);
    REQUIRE(next() == 0);
}
