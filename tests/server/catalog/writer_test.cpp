#include <algorithm>
#include <filesystem>
#include <fstream>

#include "running_catalog.hpp"
#include "support.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include "users/password.hpp"

using namespace iggy;
using namespace iggy::server;
namespace request = iggy::protocol;
using protocol::error_code;

namespace {

std::string uniquely(const char* what, int number) { return what + std::to_string(number); }

/// Flips a byte of the first place where `text` stands in the catalog's log; false when it does
/// not.
bool damage(const std::string& root, const std::string& text) {
    for (const auto& file : std::filesystem::directory_iterator{root + "/state/catalog"}) {
        std::fstream stream{file.path(), std::ios::in | std::ios::out | std::ios::binary};
        const std::string content{std::istreambuf_iterator<char>{stream}, {}};
        const auto at = content.find(text);
        if (file.path().extension() == ".log" && at != std::string::npos) {
            stream.clear();
            stream.seekp(static_cast<std::streamoff>(at));
            stream.put(static_cast<char>(text.front() ^ 1));
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("catalog writer: the first start makes root, later ones keep it", "[server][catalog]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    for (int start = 0; start < 2; ++start) {
        const auto state = catalog.state();
        const user_entry* root = state->users.find("iggy");
        REQUIRE(root != nullptr);
        REQUIRE(root->id == protocol::root_user);
        REQUIRE(verify_password("secret", root->password_hash));
        REQUIRE(root->permissions->global.send_messages);
        REQUIRE(root->permissions->global.manage_servers);
        catalog.restart();
    }
    REQUIRE(catalog.roots_made == 1);
}

TEST_CASE("catalog writer: credentials that break the rules are refused", "[server][catalog]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    catalog.settings.first_root = []() -> text_result<root_credentials> {
        return root_credentials{"ab", "secret"};
    };
    REQUIRE(catalog.start().error().reason.find("3 to 50 bytes") != std::string::npos);
}

TEST_CASE("catalog writer: what was answered is there after a restart", "[server][catalog]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    REQUIRE(catalog.ask(request::create_stream{"s"}));
    const auto made = catalog.ask(topic_in("s", "t", 3));
    REQUIRE(made);
    REQUIRE(made->state->find("s")->find("t")->partitions.size() == 3);
    REQUIRE(catalog.directory().find("streams/0/topics/0/partitions/2") ==
            made->state->find("s")->find("t")->partitions[2].log);
    REQUIRE(catalog.ask(request::create_partitions{"s", "t", 2}));
    REQUIRE(catalog.ask(new_user{"anna", "hash", request::user_status::active, {}}));
    const auto before = picture(*catalog.state());
    for (int start = 0; start < 2; ++start) {
        catalog.restart();
        REQUIRE(picture(*catalog.state()) == before);
        REQUIRE(catalog.partition_logs() == 5);
    }
    REQUIRE(catalog.notices.empty());
    REQUIRE(catalog.writer().missing_logs().empty());
}

TEST_CASE("catalog writer: deleting removes the logs", "[server][catalog]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    REQUIRE(catalog.ask(request::create_stream{"s"}));
    REQUIRE(catalog.ask(topic_in("s", "t", 3)));
    REQUIRE(catalog.ask(topic_in("s", "u", 2)));
    REQUIRE(catalog.ask(request::delete_partitions{"s", "t", 1}));
    REQUIRE(catalog.partition_logs() == 4);
    REQUIRE(catalog.ask(request::delete_topic{"s", "u"}));
    REQUIRE(catalog.partition_logs() == 2);
    REQUIRE(catalog.ask(request::delete_stream{"s"}));
    REQUIRE(catalog.partition_logs() == 0);
    catalog.restart();
    REQUIRE(catalog.state()->streams.empty());
}

TEST_CASE("catalog writer: requests that wait together are answered in order",
          "[server][catalog]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    const auto answers = catalog.ask_all({request::create_stream{"s"}, topic_in("s", "t", 2),
                                          request::create_stream{"s"}, request::delete_stream{"s"},
                                          request::delete_stream{"s"}, request::create_stream{"s"},
                                          topic_in("s", "t", 1)});
    const auto refused = [&](std::size_t number, error_code code) {
        return !answers[number] && answers[number].error().code == code;
    };
    REQUIRE(answers[0]);
    REQUIRE(answers[1]);
    REQUIRE(answers[1]->state->find("s")->find("t")->partitions.size() == 2);
    REQUIRE(refused(2, error_code::stream_name_already_exists));
    REQUIRE(answers[3]);
    REQUIRE(refused(4, error_code::stream_id_not_found));
    REQUIRE(answers[5]);
    REQUIRE(answers[6]);
    REQUIRE(catalog.partition_logs() == 1);
    const auto before = picture(*catalog.state());
    catalog.restart();
    REQUIRE(picture(*catalog.state()) == before);
}

TEST_CASE("catalog writer: no log goes to make room before its removal is durable",
          "[server][catalog]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    REQUIRE(catalog.ask(request::create_stream{"s"}));
    REQUIRE(catalog.ask(topic_in("s", "t", 1)));
    int opened = 0;
    catalog.owner.before_open = [&] {
        ++opened;
        for (const log_uid named : logs_of(*catalog.state())) {
            const auto logs = catalog.directory().logs();
            CHECK(std::ranges::count(logs, named, &storage::log_name::uid) == 1);
        }
    };
    // The first one is at work while the others come together.
    for (const auto& answer :
         catalog.ask_all({request::create_stream{"first"}, request::delete_stream{"s"},
                          request::create_stream{"s"}, topic_in("s", "t", 1)})) {
        CHECK(answer);
    }
    CHECK(opened == 1);
}

TEST_CASE("catalog writer: logs that cannot be opened leave nothing behind", "[server][catalog]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    REQUIRE(catalog.ask(request::create_stream{"s"}));
    catalog.owner.open_fails = true;
    const auto answers = catalog.ask_all({request::create_stream{"z"}, topic_in("s", "t", 2)});
    REQUIRE(answers[0]);
    REQUIRE_FALSE(answers[1]);
    REQUIRE(answers[1].error().storage->code == storage::errc::io);
    REQUIRE(catalog.partition_logs() == 0);
    catalog.owner.open_fails = false;
    REQUIRE(catalog.ask(topic_in("s", "t", 2)));
}

TEST_CASE("catalog writer: logs without a partition are removed at the start",
          "[server][catalog][recovery]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    REQUIRE(catalog.ask(request::create_stream{"s"}));
    REQUIRE(catalog.ask(topic_in("s", "t", 1)));
    const std::array<std::string, 2> paths{"streams/7/topics/0/partitions/0", "elsewhere/log"};
    REQUIRE(catalog.directory().create_logs(paths));
    catalog.restart();
    REQUIRE(catalog.partition_logs() == 1);
    REQUIRE(catalog.directory().find("elsewhere/log"));
    REQUIRE(catalog.notices.size() == 1);
}

TEST_CASE("catalog writer: a log that lies in the way of a new partition gives way",
          "[server][catalog]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    REQUIRE(catalog.ask(request::create_stream{"s"}));
    const std::array<std::string, 1> paths{"streams/0/topics/0/partitions/1"};
    const auto in_the_way = catalog.directory().create_logs(paths).value().front();
    const auto made = catalog.ask(topic_in("s", "t", 2));
    REQUIRE(made);
    REQUIRE(made->state->find("s")->find("t")->partitions[1].log != in_the_way);
    REQUIRE(catalog.partition_logs() == 2);
}

TEST_CASE("catalog writer: snapshots bound the log and restore the same state",
          "[server][catalog][recovery]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    catalog.settings.snapshot_after = 20;
    catalog.settings.snapshot_part_bytes = 256;
    REQUIRE(catalog.start());
    for (int number = 0; number < 110; ++number) {
        REQUIRE(catalog.ask(request::create_stream{uniquely("stream", number)}));
        if (number % 25 == 0) {
            const auto before = picture(*catalog.state());
            catalog.restart();
            REQUIRE(picture(*catalog.state()) == before);
        }
    }
    REQUIRE(catalog.notices.empty());
}

TEST_CASE("catalog writer: a damaged newest snapshot loses nothing",
          "[server][catalog][recovery]") {
    // With these rights ten users and the snapshot of them more than fill a segment.
    const std::uint32_t topics = GENERATE(0, 8'000);
    protocol::permissions rights;
    rights.streams.push_back({.stream = stream_id{1}});
    for (std::uint32_t topic = 0; topic < topics; ++topic) {
        rights.streams.front().topics.push_back({.topic = topic_id{topic}});
    }
    const temporary_directory place;
    running_catalog catalog{place.path()};
    catalog.settings.snapshot_after = 10;
    REQUIRE(catalog.start());
    for (int number = 0; number < 19; ++number) {
        REQUIRE(catalog.ask(new_user{uniquely("user", number), uniquely("hash-of-", number),
                                     request::user_status::active, rights}));
    }
    // The second snapshot is the last record; what stands in it and nowhere else is the run of
    // entries.
    const auto before = picture(*catalog.state());
    const auto content = encode_snapshot(*catalog.state());
    const std::string run{as_text(content).substr(content.size() / 2)};
    catalog.stop();
    REQUIRE(damage(place.path(), run));
    REQUIRE(catalog.start());
    REQUIRE(picture(*catalog.state()) == before);
    REQUIRE(catalog.notices.size() == 1);
    catalog.restart();
    REQUIRE(picture(*catalog.state()) == before);
}

TEST_CASE("catalog writer: without its log nothing of a data directory with partitions is touched",
          "[server][catalog][recovery]") {
    const bool is_there = GENERATE(false, true);
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    REQUIRE(catalog.ask(request::create_stream{"s"}));
    REQUIRE(catalog.ask(topic_in("s", "t", 2)));
    catalog.stop();
    const auto data = [&] {
        return storage::data_directory::open(std::make_unique<storage::borrowed_disk>(catalog.disk),
                                             [] { return storage::make_step_queue(0); })
            .value();
    };
    {
        const auto directory = data();
        const std::array<std::string, 1> paths{"state/catalog"};
        const std::array<log_uid, 1> lost{directory->find(paths.front()).value()};
        REQUIRE(directory->remove_logs(lost));
        if (is_there) {
            REQUIRE(directory->create_logs(paths));
        }
    }
    const auto refused = catalog.start();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason.find(is_there ? "is empty" : "is missing") != std::string::npos);
    CHECK(data()->logs().size() == (is_there ? 3 : 2));
}

TEST_CASE("catalog writer: a damaged command stops the start until a snapshot makes up for it",
          "[server][catalog][recovery]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    for (const char* name : {"before", "the-one", "after"}) {
        REQUIRE(catalog.ask(request::create_stream{name}));
    }
    SECTION("without a snapshot the start is refused and says where") {
        catalog.stop();
        REQUIRE(damage(place.path(), "the-one"));
        const std::string reason = catalog.start().error().reason;
        CAPTURE(reason);
        REQUIRE(reason.find("state/catalog") != std::string::npos);
        REQUIRE(reason.find("offset 2") != std::string::npos);
    }
    SECTION("with a later snapshot nothing is lost") {
        catalog.settings.snapshot_after = 1;
        catalog.restart();
        const auto before = picture(*catalog.state());
        catalog.stop();
        REQUIRE(damage(place.path(), "the-one"));
        REQUIRE(catalog.start());
        REQUIRE(picture(*catalog.state()) == before);
        // The start wrote another snapshot, so that this one may be damaged too.
        catalog.stop();
        REQUIRE(damage(place.path(), "the-one"));
        REQUIRE(catalog.start());
        REQUIRE(picture(*catalog.state()) == before);
    }
}

TEST_CASE("catalog writer: a closed catalog refuses requests", "[server][catalog]") {
    const temporary_directory place;
    running_catalog catalog{place.path()};
    REQUIRE(catalog.start());
    bool answered = false;
    bool closed = false;
    catalog.writer().execute({protocol::root_user, 1}, request::create_stream{"s"},
                             [&](const catalog_answer& answer) { answered = answer.has_value(); });
    catalog.writer().close([&] { closed = true; });
    bool refused = false;
    catalog.writer().execute({protocol::root_user, 1}, request::create_stream{"z"},
                             [&](const catalog_answer& answer) {
                                 refused = answer.error().code == error_code::disconnected;
                             });
    REQUIRE(refused);
    catalog.run_until(closed);
    REQUIRE(answered);
}
