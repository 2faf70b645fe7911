#!/usr/bin/env bash
# Installs what is missing on a Debian machine, and says nothing where nothing is.
#
#     tests/setup.sh build    what building the program needs
#     tests/setup.sh test     what the tests need as well
#
# As root, or with a sudo that asks for no password. Otherwise it prints the one command to run and
# exits 1. A package for the tests that this Debian does not have is left out: the tests that need
# it say so and are counted as skipped.
#
# Prometheus is not installed, since its package starts a service, now and whenever the machine
# starts: the program alone is unpacked into build/tools, from where tests/support/venv.sh has it.
set -euo pipefail
cd "$(dirname "$0")/.."

for_building=(gcc libc6-dev cmake ninja-build pkg-config liblua5.4-dev libssl-dev
    libcurl4-openssl-dev lua-cjson-dev lua-expat-dev libexpat1-dev libseccomp-dev)
for_testing=(lua5.4 lua-busted lua-cjson lua-rex-posix lua-check clang clang-format valgrind jq
    openssl python3-venv ccache dpkg-dev file binutils debootstrap
    zsh fish groff-base tzdata)

purpose=${1:-}
case $purpose in
build) wanted=("${for_building[@]}") ;;
test) wanted=("${for_building[@]}" "${for_testing[@]}") ;;
*)
    echo "usage: tests/setup.sh build|test" >&2
    exit 2
    ;;
esac

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The run-time libraries of sanitizers and fuzzers are a package of their own, named after clang's
# version.
clang_runtime() {
    local version
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/^ *Depends: clang-\([0-9]*\)$/\1/p')
    [ -z "$version" ] || echo "libclang-rt-$version-dev"
}

list_missing() {
    local package runtime=
    [ "$purpose" = build ] || runtime=$(clang_runtime)
    for package in "${wanted[@]}" ${runtime:+"$runtime"}; do
        is_installed "$package" || missing+=("$package")
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends "$@" >>"$log" 2>&1
}

has_prometheus() {
    command -v prometheus >/dev/null || build/tools/usr/bin/prometheus --version >/dev/null 2>&1
}

fetch_prometheus() {
    local folder
    folder=$(mktemp -d)
    (cd "$folder" && apt-get download prometheus) >>"$log" 2>&1 &&
        mkdir -p build/tools && dpkg-deb --extract "$folder"/prometheus_*.deb build/tools
    rm -rf "$folder"
    has_prometheus || echo "setup.sh: prometheus cannot be had" >&2
}

if ! command -v dpkg-query >/dev/null; then
    echo "setup.sh: this is no Debian; if something is missing, the build will name it" >&2
    exit 0
fi

# What is missing of packages, installed; those for building have to be there then.
install_packages() {
    missing=()
    list_missing
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! may_install; then
        echo "These packages are missing, and installing them takes root's rights. Please run:" >&2
        echo "    sudo apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    echo "installing ${missing[*]}" >&2
    as_root apt-get update >>"$log" 2>&1 || true # stale lists may still do
    missing=()
    list_missing
    if ! install "${missing[@]}"; then
        for package in "${missing[@]}"; do # everything that can be had
            install "$package" || echo "setup.sh: $package cannot be installed" >&2
        done
    fi
    for package in "${for_building[@]}"; do
        is_installed "$package" || {
            tail -n 20 "$log" >&2
            exit 1
        }
    done
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
install_packages
[ "$purpose" = build ] || has_prometheus || fetch_prometheus
