#!/usr/bin/env bash
# Installs the libraries of a build into an empty place and uses them from there, as a program outside this repository
# does: with CMake and with pkg-config.
#
#   check_install.sh SOURCE BUILD COMPILER [FLAGS...]
set -euo pipefail
source=$1 build=$2 compiler=$3
shift 3
flags=("$@")

place=$(mktemp -d "${TMPDIR:-/tmp}/iggy-install-XXXXXX")
trap 'rm -rf "$place"' EXIT
prefix=$place/prefix

expect() {
    local wanted=$1 got
    shift
    echo "== $*"
    got=$(cd "$(mktemp -d -p "$place")" && "$@")
    if [[ $got != "$wanted" ]]; then
        printf 'expected:\n%s\ngot:\n%s\n' "$wanted" "$got"
        exit 1
    fi
}

build_project() {
    cmake -S "$1" -B "$2" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_CXX_FLAGS="${flags[*]}" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF >"$2.log" || { cat "$2.log"; exit 1; }
    cmake --build "$2" >>"$2.log" || { cat "$2.log"; exit 1; }
}

# SOURCE PACKAGE OUTPUT. An installed .pc file must not lead back to the build: it is found from the prefix alone.
build_with_pkg_config() {
    local options
    options=$(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name "$2.pc")") pkg-config --static --cflags --libs "$2")
    # shellcheck disable=SC2086  # options are words
    "$compiler" -std=c++20 "${flags[@]}" "$1" $options -o "$3"
}

cmake --install "$build" --component development --prefix "$prefix" >/dev/null

wanted_embed=$'0 one\n1 two'
wanted_base='64 46947589'
wanted_protocol=orders

build_project "$source/examples/embed" "$place/embed"
expect "$wanted_embed" "$place/embed/iggy_embed_example"
build_with_pkg_config "$source/examples/embed/main.cpp" iggy_storage "$place/embed-pkg-config"
expect "$wanted_embed" "$place/embed-pkg-config"

consumer=$source/tests/install/consumer
build_project "$consumer" "$place/consumer"
expect "$wanted_base" "$place/consumer/uses_base"
expect "$wanted_protocol" "$place/consumer/uses_protocol"
build_with_pkg_config "$consumer/uses_base.cpp" iggy_base "$place/base-pkg-config"
expect "$wanted_base" "$place/base-pkg-config"
build_with_pkg_config "$consumer/uses_protocol.cpp" iggy_protocol "$place/protocol-pkg-config"
expect "$wanted_protocol" "$place/protocol-pkg-config"

# The client needs a server; that it starts and reads its argument shows that it is whole.
build_project "$source/examples/client" "$place/client"
build_with_pkg_config "$source/examples/client/main.cpp" iggy_client "$place/client-pkg-config"
for program in "$place/client/iggy_client_example" "$place/client-pkg-config"; do
    echo "== $program"
    { "$program" nonsense 2>&1 || true; } | grep -q 'the connection string is not valid'
done
