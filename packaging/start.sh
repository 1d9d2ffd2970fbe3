#!/usr/bin/env bash
# Installs what is missing, builds, starts the server, shows that it works, and keeps it in the foreground until Ctrl-C.
# More arguments go to iggy-server. Data lies in ./local_data unless IGGY_SYSTEM_PATH says otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/install-dependencies.sh
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
cmake --preset release -DIGGY_BUILD_TESTS=OFF -DIGGY_BUILD_BENCHES=OFF -B build/start >/dev/null
cmake --build build/start -j2 --target iggy-server iggy

export IGGY_ROOT_USERNAME=${IGGY_ROOT_USERNAME:-iggy}
export IGGY_ROOT_PASSWORD=${IGGY_ROOT_PASSWORD:-iggy}
export IGGY_SYSTEM_PATH=${IGGY_SYSTEM_PATH:-local_data}
# What the last run left says nothing about this one.
ready=$IGGY_SYSTEM_PATH/runtime/current_config.toml
rm -f "$ready"

build/start/server/iggy-server "$@" &
server=$!
stop() { kill -TERM "$server" 2>/dev/null || true; }
trap stop INT TERM EXIT

for _ in $(seq 300); do
    [ ! -f "$ready" ] || break
    kill -0 "$server" 2>/dev/null || { wait "$server"; exit $?; }
    sleep 0.1
done
[ -f "$ready" ] || { echo "start: the server was not ready within 30 s; see its log above" >&2; exit 1; }
address=$(sed -n '/^\[tcp\]/,/^\[/s/^address = ["'\'']\(.*\)["'\'']$/\1/p' "$ready" | head -n 1)

iggy() {
    build/start/cli/iggy --tcp-server-address "$address" -u "$IGGY_ROOT_USERNAME" -p "$IGGY_ROOT_PASSWORD" "$@"
}
echo
echo "The server listens on $address. Trying it with the command line client:"
iggy stream get demo | grep -q 'Stream name' || iggy stream create demo
iggy topic get demo greetings | grep -q 'Topic name' || iggy topic create demo greetings 1 none
iggy message send --partition-id 0 demo greetings "Hello from $(hostname) at $(date -u +%FT%TZ)"
iggy message poll --last --message-count 1 demo greetings 0
echo
echo "It works. Try: build/start/cli/iggy -u $IGGY_ROOT_USERNAME -p <password> stream list    (Ctrl-C stops the server)"

trap stop INT TERM
trap - EXIT
status=0
wait "$server" || status=$?
# A signal ends the wait before the server is done.
while kill -0 "$server" 2>/dev/null; do
    wait "$server" && status=0 || status=$?
done
exit "$status"
