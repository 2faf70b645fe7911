#!/usr/bin/env bash
# Is all C laid out as .clang-format says? Only version 14 is asked: others lay out differently.
set -euo pipefail
formatter=$1
version=$("$formatter" --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$version" != 14 ]; then
    echo "SKIPPED: tidy/format: the code is laid out by clang-format 14, and this is $version"
    echo "0 passed, 0 failed, 1 skipped"
    exit 77
fi
mapfile -t files < <(find core tests -name '*.[ch]' | sort)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$formatter" --dry-run "${files[@]}" 2>"$log" || { # one process for all of them
    cat "$log"
    exit 1
}
mapfile -t wrong < <(sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: warning: .*/\1/p' "$log" | sort -u)
for file in "${wrong[@]}"; do
    echo "$file: not laid out; see $(basename "$formatter") $file | diff $file -"
done
echo "$((${#files[@]} - ${#wrong[@]})) passed, ${#wrong[@]} failed"
[ ${#wrong[@]} = 0 ]
