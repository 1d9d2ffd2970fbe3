#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "run.hpp"

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> command_line{argv + 1, argv + argc};
        return iggy::cli::run(command_line);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "Error: %s\n", failure.what());
        return 1;
    }
}
