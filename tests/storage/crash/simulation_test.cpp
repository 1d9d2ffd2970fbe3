#include "simulation.hpp"

#include "support/catch.hpp"

TEST_CASE("crash simulation: the power is cut at every step of one run", "[storage][crash]") {
    const auto seed = GENERATE(range(1, 7));
    bool reached = true;
    std::uint64_t cuts = 0;
    for (std::uint64_t step = 0; reached; ++step) {
        const auto report =
            simulation{every_step_options(static_cast<std::uint64_t>(seed), step)}.run();
        INFO(report.broken.value_or(""));
        REQUIRE_FALSE(report.broken);
        reached = report.cut_step_reached;
        cuts += report.power_cuts;
    }
    CHECK(cuts > 200);
}

TEST_CASE("crash simulation: random runs keep every promise", "[storage][crash]") {
    constexpr std::uint64_t seeds = 1000;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        simulation run{{.seed = seed}};
        const simulation_report report = run.run();
        INFO(report.broken.value_or(""));
        REQUIRE_FALSE(report.broken);
    }
}

TEST_CASE("crash simulation: the same seed gives the same run", "[storage][crash]") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto once = simulation{{.seed = seed}}.run();
        const auto again = simulation{{.seed = seed}}.run();
        CHECK(once.steps == again.steps);
        CHECK(once.power_cuts == again.power_cuts);
        CHECK(once.kills == again.kills);
    }
}
