#include "session/session.hpp"

#include "shard/shard.hpp"
#include "support/catch.hpp"

using namespace iggy::server;

namespace {

void use(session& who, shard& owner, int times) {
    for (int i = 0; i < times; ++i) {
        who.note_use(iggy::log_uid{1}, owner);
    }
}

}  // namespace

TEST_CASE("session: a habit of using one other shard makes it the better home", "[server][shard]") {
    shard first{0};
    shard second{1};
    session who{first, nullptr};
    CHECK(&who.better_home() == &first);
    use(who, second, 15);
    CHECK(&who.better_home() == &first);
    who.note_use(iggy::log_uid{1}, second);
    CHECK(&who.better_home() == &second);
}

TEST_CASE("session: who uses several shards in turn stays at home", "[server][shard]") {
    shard first{0};
    shard second{1};
    session who{first, nullptr};
    for (int i = 0; i < 100; ++i) {
        use(who, second, 15);
        CHECK(&who.better_home() == &first);
        who.note_use(iggy::log_uid{1}, first);
    }
}
