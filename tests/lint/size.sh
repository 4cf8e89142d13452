#!/usr/bin/env bash
# size.sh LOADER: at most 112 KiB, as it is shipped.
. "$(dirname "$0")/lint.sh"
limit=$((112 * 1024))
size=$(stat -c %s "$1")
if [ "$size" -le "$limit" ]; then
    pass
else
    fail "$1 has $size bytes; at most $limit"
fi
echo "$(basename "$1"): $size of $limit bytes"
finish size
