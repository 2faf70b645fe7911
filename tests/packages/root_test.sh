#!/usr/bin/env bash
# Installs the .deb, and unpacks the tarball, in the smallest root that debootstrap makes of a
# release of Debian, and uses both there: nothing of this machine is at hand.
#
#     tests/packages/root_test.sh BUILD-FOLDER bookworm|trixie
#
# Takes root's rights and a mirror (TIDELOCK_MIRROR, else Debian's own).
set -euo pipefail
build=$(cd "$1" && pwd)
release=$2
mirror=${TIDELOCK_MIRROR:-http://deb.debian.org/debian}
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
    exec tests/support/skip.sh packages/"$release": debootstrap, and root\'s rights, are not here
fi
. tests/packages/support.sh
root=$scratch/root
# What the packages need and a smallest root has not; names of Debian 13 end in t64.
case $release in
bookworm) libraries=libcurl4,libexpat1,libseccomp2,libssl3 ;;
*) libraries=libcurl4t64,libexpat1,libseccomp2,libssl3t64 ;;
esac

trap 'umount -q "$root/proc" || true; rm -rf --one-file-system "$scratch"' EXIT

inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

rolls_out() { # PROGRAM SHARE
    inside sh -c "cd '$2/tidelock/examples/checkout' &&
        '$1' simulate checkout.lua --recording checkout.ndjson" | grep '^promoted after 50m1s'
}

# Whether libcurl could be loaded: what fails is the connection.
calls_out() { # PROGRAM
    inside AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_REGION=eu-west-1 \
        AWS_ENDPOINT_URL=http://127.0.0.1:9 "$1" doctor >"$scratch/said" 2>&1 || true
    cat "$scratch/said" && grep -q 'could not connect to 127.0.0.1:9' "$scratch/said"
}

check "cpack makes the packages" make_packages "$build" "$scratch/made"
check "debootstrap makes a root of $release" \
    debootstrap --variant=minbase --include="$libraries" "$release" "$root" "$mirror"
mount -t proc proc "$root/proc"
cp "$scratch"/made/*.deb "$root/tidelock.deb"
check "dpkg installs the .deb" inside dpkg --install /tidelock.deb
check "it is configured" inside dpkg --verify tidelock
check "it rolls out" rolls_out tidelock /usr/share
check "it calls out" calls_out tidelock
check "it goes again" inside dpkg --purge tidelock
check "and leaves nothing" test -z "$(find "$root/usr" -name '*tidelock*')"
mkdir "$root/srv/tools"
tar -xzf "$scratch"/made/*.tar.gz -C "$root/srv/tools" --strip-components=1
check "the tarball's program rolls out" rolls_out /srv/tools/bin/tidelock /srv/tools/share
check "it calls out" calls_out /srv/tools/bin/tidelock
find "$root/usr/lib" \( -name 'libexpat.so*' -o -name 'libseccomp.so*' -o -name 'libcrypto.so*' \) \
    -delete
check "without the libraries that are in it, too" rolls_out /srv/tools/bin/tidelock \
    /srv/tools/share
finish
