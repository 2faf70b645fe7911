#!/usr/bin/env bash
# Makes the packages, unpacks them elsewhere and uses what is there from yet another folder.
#
#     tests/packages/build_test.sh BUILD-FOLDER
set -euo pipefail
build=$(cd "$1" && pwd)
. tests/packages/support.sh

cd "$scratch"
check "cpack makes both packages" make_packages "$build" "$scratch/made"
deb=$(echo made/*.deb) tarball=$(echo made/*.tar.gz)
mkdir "a folder" root
tar -xzf "$tarball" -C "a folder"
dpkg-deb -x "$deb" root
portable=$(echo "a folder"/*/bin/tidelock)

needs() { # the libraries that a program names
    readelf --dynamic --wide "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | xargs
}

depends() {
    dpkg-deb --field "$deb" Depends | tr ',' '\n' | sed 's/^ *//; s/ .*//' | sort | xargs
}

check "the tarball's program needs glibc only" \
    test "$(needs "$portable" | sed 's/ld-linux[^ ]* *//')" = "libc.so.6 libm.so.6"
check "and loads libcurl when it calls somebody" grep -q 'libcurl\.so\.4' "$portable"
check "the .deb depends on what its program needs" \
    test "$(depends)" = "libc6 libcurl4 libexpat1 libseccomp2 libssl3"
check "both are guarded (the .deb's)" bash "$top/tests/support/hardening.sh" root/usr/bin/tidelock
check "both are guarded (the tarball's)" bash "$top/tests/support/hardening.sh" "$portable"
check "nothing in the .deb is root's alone" test -z "$(find root -not -perm -004)"
check "files of both are the same, but for the program" \
    diff -r --exclude=tidelock.bin --exclude=bin root/usr "a folder"/*/
for program in root/usr/bin/tidelock "$portable"; do
    check "$program runs from elsewhere" uses "$scratch/$program"
done
finish
