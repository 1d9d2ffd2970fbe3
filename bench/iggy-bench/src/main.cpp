#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "run.hpp"

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> words{argv + 1, argv + argc};
        return iggy::bench::run(words);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "Error: %s\n", failure.what());
        return 1;
    }
}
