#!/usr/bin/env bash
# Builds and packs the same sources twice, in folders of different names and depths, by different
# umasks, without the cache of a compiler, which has names of its own for source files: the packages
# have the same bytes.
#
#     tests/packages/same_bytes_test.sh BUILD-FOLDER
set -euo pipefail
build=$(cd "$1" && pwd)
. tests/packages/support.sh
export SOURCE_DATE_EPOCH=1700000000
unset CMAKE_C_COMPILER_LAUNCHER
type=$(sed -n 's/^CMAKE_BUILD_TYPE:STRING=//p' "$build/CMakeCache.txt")

copy_sources() { # TO
    mkdir -p "$1" && tar -c --exclude=./build --exclude=./.git . | tar -x -C "$1"
}

build_sources() { # SOURCES BUILD-FOLDER
    cmake -S "$1" -B "$2" -G Ninja -DCMAKE_BUILD_TYPE="$type" -DBUILD_TESTING=OFF &&
        nice cmake --build "$2"
}

pack() { # NAME SOURCES BUILD-FOLDER
    umask 022
    check "the sources are copied ($1)" copy_sources "$2"
    [ "$1" = here ] || umask 027
    check "they build ($1)" build_sources "$2" "$3"
    check "they pack ($1)" make_packages "$3" "$scratch/$1"
}

pack here "$scratch/one" "$scratch/one/build"
pack there "$scratch/another place/below" "$scratch/another place/below/made/here"
for file in "$scratch"/here/*.deb "$scratch"/here/*.tar.gz; do
    check "$(basename "$file") is the same" cmp "$file" "$scratch/there/$(basename "$file")"
done
finish
