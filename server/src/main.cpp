#include "run.hpp"

int main(int argc, char** argv) { return iggy::server::run(argc, argv); }
