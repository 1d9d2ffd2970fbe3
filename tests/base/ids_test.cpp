#include <type_traits>

#include <iggy/base/ids.hpp>

#include "support/catch.hpp"

TEST_CASE("ids: kinds do not mix and only a count moves an offset", "[base]") {
    using namespace iggy;
    STATIC_REQUIRE_FALSE(std::is_convertible_v<stream_id, topic_id>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<std::uint32_t, stream_id>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<stream_id, topic_id>);
    CHECK((message_offset{5} + message_count{3}) == message_offset{8});
    CHECK(message_offset{5}.next() == message_offset{6});
    CHECK(message_offset{5} < message_offset{6});
}
