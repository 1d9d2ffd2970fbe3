#!/usr/bin/env bash
# Installs what bench/compare/brokers.py measures beside us, on Debian 12, as root or with sudo; asks for nothing that is there
# already. Packages: the C clients of Kafka and NATS, a Java runtime, Maven, NATS. From Maven Central: Kafka's jars, into
# ~/.cache/iggy-compare (or IGGY_COMPARE_CACHE). Where there is a Go of 1.21 or later, a NATS of today is built into
# the same place, which brokers.py prefers to Debian's of 2022.
set -euo pipefail

kafka_version=${KAFKA_VERSION:-4.4.0}
nats_version=${NATS_VERSION:-2.15.3}
cache=${IGGY_COMPARE_CACHE:-$HOME/.cache/iggy-compare}
here=$(dirname "$(readlink -f "$0")")

packages=(librdkafka-dev libnats-dev nats-server)
command -v java >/dev/null || packages+=(default-jre-headless)
command -v mvn >/dev/null || packages+=(maven)
missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    echo "Installing ${#missing[@]} packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update --quiet
    "${as_root[@]}" apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
fi

mkdir -p "$cache"
if [ ! -e "$cache/kafka/kafka_2.13-$kafka_version.jar" ]; then
    echo "Fetching Kafka $kafka_version"
    rm -rf "$cache/kafka" "$cache/kafka.part"
    mvn --quiet --batch-mode --file "$here/kafka/pom.xml" "-Dkafka.version=$kafka_version" \
        "-DoutputDirectory=$cache/kafka.part" dependency:copy-dependencies
    mv "$cache/kafka.part" "$cache/kafka"
fi

go_minor=$(go version 2>/dev/null | sed -n 's/.* go1\.\([0-9]*\).*/\1/p')
if [ "${go_minor:-0}" -ge 21 ] && ! "$cache/nats-server" --version 2>/dev/null | grep -qF "v$nats_version"; then
    echo "Building NATS $nats_version"
    GOBIN=$cache go install "github.com/nats-io/nats-server/v2@v$nats_version"
fi
