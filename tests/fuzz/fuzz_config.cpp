// Any bytes as a configuration file: they are refused, or they give a configuration whose own text
// loads back to the same configuration.
#include <cstdint>
#include <string_view>

#include <iggy/base/assert.hpp>

#include "config/load.hpp"
#include "config/render.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    using namespace iggy::server;
    static const host_facts host{{0, 1, 2, 3}, {0, 2}, 8ULL << 30U};
    const std::string_view text{reinterpret_cast<const char*>(data), bytes};
    const auto loaded = load_config_text(text, "fuzz.toml", {}, host);
    if (!loaded) {
        IGGY_ASSERT(!loaded.error().lines.empty(), "a refusal says why");
        return 0;
    }
    const std::string rendered = render_config(loaded->config);
    const auto again = load_config_text(rendered, "rendered.toml", {}, host);
    IGGY_ASSERT(again, "the text of a loaded configuration loads");
    IGGY_ASSERT(render_config(again->config) == rendered, "and is the same configuration");
    return 0;
}
