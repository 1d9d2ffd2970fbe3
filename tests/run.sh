#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests: under ASan and UBSan, the same where the kernel refuses io_uring, and
# the optimised build with real server processes and a real client. The last lines are the summary of the last run.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/install-dependencies.sh
# A compilation of one checkout serves every other one.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

echo "== formatter"
git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 --dry-run --Werror

run_preset() {
    local preset=$1
    shift
    echo "== $preset: build"
    cmake --preset "$preset" >/dev/null
    cmake --build --preset "$preset"
    echo "== $preset: test"
    "$@"
}

# Processes that the sanitizers slow down ten times run in the optimised build, below.
quick=(--exclude-regex '^(interop|system)-' -j2)
run_preset dev ctest --preset dev "${quick[@]}"
echo "== dev: test where the kernel refuses io_uring"
build/dev/tests/support/no_io_uring ctest --preset dev "${quick[@]}"
run_preset release ctest --preset release
