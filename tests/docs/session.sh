#!/usr/bin/env bash
# session.sh PIECE ROOT: runs in this folder the commands of a session, which is a block with lines
# "$ COMMAND" and what they print below each. Every line that is shown must be printed:
#   - numbers that differ from build to build (addresses, four digits and more, seconds) count as equal;
#   - "..." stands for any lines;
#   - "(gdb) COMMAND" below a command with --gdb is given to a gdb that is started as that one says.
# A command may fail only where its output shows why. Prints what differs; exit status 0: nothing.
set -u
piece=$1 root=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What stays the same in every build, from a file or a pipe.
plain() {
    sed -E -e "s|$root/||g" -e 's/0x[0-9a-f]+/N/g' -e 's/^code .*/code/' \
        -e 's/\b[0-9]+\.[0-9] s\b/N s/g' -e 's/\b[0-9]{4,}\b/N/g' \
        -e 's/[[:space:]]+/ /g' -e 's/^ //' -e 's/ $//' "$@"
}

# For command K: "K.sh" is what to run, "K.shown" what it prints.
awk -v work="$work" '
    /^\$ / {
        at = work "/" ++count
        print substr($0, 3) >(at ".sh")
        printf "" >(at ".shown")
        printf "" >(at ".gdb")
        next
    }
    /^\(gdb\) / { print substr($0, 7) >(at ".gdb"); next }
    /^ *\.\.\.$/ || !NF { next }
    { print >(at ".shown") }
    END { print count >(work "/count") }' "$piece"
count=$(cat "$work/count")

# gdb is started as baton names it, once the machine waits.
debug() {
    local machine
    bash "$1" >"$work/machine" 2>&1 &
    machine=$!
    for ((second = 0; second < 200; second++)); do
        ! grep -q 'waits for: ' "$work/machine" || break
        kill -0 "$machine" 2>/dev/null || break
        sleep 1
    done
    timeout 200 gdb -q -ex 'set width 0' -x build/gdb.txt <"$2"
    kill "$machine" 2>/dev/null
    wait "$machine"
    cat "$work/machine"
}

# One shell for all, so that "cd" and "$?" mean what they mean to a reader.
for ((k = 1; k <= count; k++)); do
    if [ -s "$work/$k.gdb" ]; then
        printf 'debug %q %q >%q 2>&1\n' "$work/$k.sh" "$work/$k.gdb" "$work/$k.printed"
    else
        printf '{\n%s\n} >%q 2>&1\n' "$(cat "$work/$k.sh")" "$work/$k.printed"
    fi
    # shellcheck disable=SC2016
    printf 'status=$?; echo $status >%q; (exit $status)\n' "$work/$k.status"
done >"$work/all"
(. "$work/all") </dev/null

failed=0
for ((k = 1; k <= count; k++)); do
    wrong=
    plain "$work/$k.printed" >"$work/$k.plain"
    status=$(cat "$work/$k.status")
    if [ "$status" != 0 ] && ! grep -qE 'error:|FA(ILED|ULT)|^baton run:' "$work/$k.shown"; then
        wrong="status $status"
    fi
    while IFS= read -r line; do
        grep -qF -- "$(plain <<<"$line")" "$work/$k.plain" || wrong+=$'\nnot printed: '$line
    done <"$work/$k.shown"
    if [ -n "$wrong" ]; then
        failed=1
        printf 'FAILED: %s: %s\nIt printed:\n' "$(cat "$work/$k.sh")" "$wrong"
        cat "$work/$k.printed"
    fi
done
exit "$failed"
