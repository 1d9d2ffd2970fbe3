#!/usr/bin/env bash
# Installs what building and testing need on Debian 12, as root or with sudo; asks for nothing that is there already.
set -euo pipefail

packages=(
    g++ cmake ninja-build pkg-config ccache mold git
    clang-19 lld-19 libclang-rt-19-dev clang-format-19 clang-tidy-19
    libboost1.81-dev liburing-dev libssl-dev libargon2-dev libxxhash-dev
    libfmt-dev libspdlog-dev libtomlplusplus-dev libcli11-dev nlohmann-json3-dev
    catch2 librapidcheck-dev libbenchmark-dev
    python3 python3-venv
)

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "install-dependencies: these packages are missing: ${missing[*]}" >&2
        echo "Run this as root, or install sudo." >&2
        exit 1
    }
    as_root=(sudo)
fi

echo "Installing ${#missing[@]} packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update --quiet
"${as_root[@]}" apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
