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
passed=0 failed=0
while read -r file; do
    if "$formatter" "$file" | cmp -s - "$file"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$file: not laid out; see $(basename "$formatter") $file | diff $file -"
    fi
done < <(find core tests -name '*.[ch]' | sort)
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
