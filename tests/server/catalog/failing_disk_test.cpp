// The catalog on a disk that fails at each of its steps in turn.

#include "running_catalog.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace iggy;
using namespace iggy::server;

TEST_CASE(
    "catalog on a failing disk: whatever step of a creation fails, a partition that is there after "
    "a restart has its log",
    "[server][catalog][failure]") {
    const bool stays = GENERATE(false, true);
    const auto why = GENERATE(storage::errc::io, storage::errc::no_space);
    bool failed = true;
    for (int step = 0; failed; ++step) {
        CAPTURE(step, stays, static_cast<int>(why));
        REQUIRE(step < 1000);
        const temporary_directory place;
        running_catalog catalog{place.path()};
        REQUIRE(catalog.start());
        REQUIRE(catalog.ask(protocol::create_stream{"s"}));
        catalog.disk.fail_at(step, why, stays);
        const auto answers = catalog.ask_all({topic_in("s", "t", 2), topic_in("s", "u", 1)});
        failed = catalog.disk.has_failed();
        catalog.disk.heal();
        REQUIRE((failed || (answers[0] && answers[1])));
        catalog.restart();
        REQUIRE(catalog.writer().missing_logs().empty());
        const auto there = catalog.state()->find("s");
        const bool has_t = there->find("t") != nullptr;
        const bool has_u = there->find("u") != nullptr;
        REQUIRE((has_t || !answers[0]));
        REQUIRE((has_u || !answers[1]));
        REQUIRE(catalog.partition_logs() == (has_t ? 2U : 0U) + (has_u ? 1U : 0U));
        // What failed can be asked for again.
        REQUIRE((has_t || catalog.ask(topic_in("s", "t", 2))));
        REQUIRE((has_u || catalog.ask(topic_in("s", "u", 1))));
    }
}
