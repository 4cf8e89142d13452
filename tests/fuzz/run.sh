#!/usr/bin/env bash
# run.sh TARGET SEEDS EXECUTIONS: runs a fuzz target that often, starting from the files in SEEDS.
# The same build tries nearly the same inputs each time: not those that depend on the time that an
# execution took (-entropic), on the time of day (-reload), or on addresses that were compared
# (-use_cmp). tools/fuzz goes on to others, with all three.
set -euo pipefail

target=$1
seeds=$2
executions=$3
name=fuzz-$(basename "$target")
log=$target.log
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT

options=(-seed=1 -entropic=0 -reload=0 -use_cmp=0 -len_control=10 -timeout=60
    -rss_limit_mb=1024 -print_final_stats=1)
[ ! -e "$seeds.dict" ] || options+=(-dict="$seeds.dict")

# A short quarantine: freed memory is watched for a while, and the rest is quicker.
status=0
ASAN_OPTIONS=quarantine_size_mb=16 "$target" "${options[@]}" -runs="$executions" \
    -artifact_prefix="$target-" "$corpus" "$seeds" >"$log" 2>&1 || status=$?
executed=$(awk '/^stat::number_of_executed_units:/ {print $2}' "$log")

if [ "$status" = 0 ] && [ "${executed:-0}" -ge "$executions" ]; then
    echo "$name: $executed executions, $(find "$corpus" -type f | wc -l) inputs that reach something new"
    echo "$name: 1 passed, 0 failed"
else
    grep -v -e '^#' -e '# Uses:' "$log" | tail -n 60
    echo "$name: ended with status $status after ${executed:-an unknown number of} executions; see $log"
    echo "$name: 0 passed, 1 failed"
    exit 1
fi
