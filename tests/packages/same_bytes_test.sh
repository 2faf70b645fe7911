#!/usr/bin/env bash
# Builds and packs the same sources in another folder, by another user's umask, without the cache
# of a compiler: the packages have the same bytes.
#
#     tests/packages/same_bytes_test.sh BUILD-FOLDER
set -euo pipefail
build=$(cd "$1" && pwd)
. tests/packages/support.sh
export SOURCE_DATE_EPOCH=1700000000
copy="$scratch/another place"

copy_sources() {
    mkdir -p "$copy" && git ls-files -z | tar -c --null -T - | tar -x -C "$copy"
}

build_copy() {
    local type
    type=$(sed -n 's/^CMAKE_BUILD_TYPE:STRING=//p' "$build/CMakeCache.txt")
    unset CMAKE_C_COMPILER_LAUNCHER
    cmake -S "$copy" -B "$copy/made/here" -G Ninja -DCMAKE_BUILD_TYPE="$type" -DBUILD_TESTING=OFF &&
        nice cmake --build "$copy/made/here"
}

umask 022
check "the sources are packed here" make_packages "$build" "$scratch/here"
check "they are copied" copy_sources
umask 027
check "they build elsewhere" build_copy
check "they pack elsewhere" make_packages "$copy/made/here" "$scratch/there"
for file in "$scratch"/here/*.deb "$scratch"/here/*.tar.gz; do
    check "$(basename "$file") is the same" cmp "$file" "$scratch/there/$(basename "$file")"
done
finish
