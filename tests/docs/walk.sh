#!/usr/bin/env bash
# walk.sh SUITE PAGE ROOT RUN [FIRST-HEADING LAST-HEADING]: does what a page of the documentation
# says, as a reader would.
#   `NAME`:      before a fenced block: the block is that file
#   ```sh        a block of commands, run one after the other in one folder that has abi/
#                (tools/run is RUN there, a command with arguments, and baton its first word).
#                With "# needs PROGRAM" before them they are left out where there is no such program
#   ```          a block without a language whose first line begins with "$ ": a session (session.sh)
#   ```          any other block without a language: each of its lines must appear in what they print
# With two headings only the lines from the first to the one before the second count. $PREPARE is a
# program that writes the files a page takes for granted.
set -u
here=$(cd "$(dirname "$0")" && pwd)
suite=$1 page=$2 root=$3 run=$4
from=${5:-} to=${6:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# The page in pieces: $work/plan has a line "file NAME PIECE", "run PIECE", "expect PIECE" or
# "session PIECE" for each.
awk -v work="$work" -v from="$from" -v to="$to" '
    BEGIN { on = from == "" }
    from != "" && index($0, from) == 1 { on = 1 }
    to != "" && index($0, to) == 1 { on = 0 }
    !on { next }
    /^```/ && !inside {
        inside = 1
        language = substr($0, 4)
        piece = work "/piece" ++pieces
        printf "" >piece
        if (name != "") {
            print "file " name " " piece
        } else if (language == "sh") {
            print "run " piece
        }
        first = name == "" && language == ""
        next
    }
    /^```/ { inside = 0; name = ""; close(piece); next }
    first { print (/^\$ / ? "session " : "expect ") piece; first = 0 }
    inside { print >>piece; next }
    /^`[^`]+`:$/ { name = substr($0, 2, length($0) - 3); next }
    NF { name = "" }
' "$page" >"$work/plan"

mkdir -p "$work/reader/tools"
ln -s "$root/abi" "$work/reader/abi"
printf '#!/bin/sh\nexec %s "$@"\n' "$run" >"$work/reader/tools/run"
chmod +x "$work/reader/tools/run"
mkdir "$work/bin"
ln -s "${run%% *}" "$work/bin/baton"
export PATH="$work/bin:$PATH"
cd "$work/reader" || exit 2
# Pages that begin with a kernel that is there.
[ -z "${KERNEL:-}" ] || cp "$KERNEL" kernel.elf
[ -z "${PREPARE:-}" ] || "$PREPARE" || exit 2
: >"$work/output"

# needed PIECE: what its first line says it needs is here.
needed() {
    local program
    program=$(sed -n '1s/^# needs //p' "$1")
    [ -z "$program" ] || command -v "$program" >/dev/null || {
        printf 'not run, for want of %s: ' "$program"
        sed 1d "$1" | head -1
        return 1
    }
}

ran=yes
while read -r verb first second; do
    case $verb in
        run) needed "$first" && ran=yes || ran=no ;;
        file) ran=yes ;;
    esac
    [ "$ran" = yes ] || [ "$verb" = session ] || continue
    case $verb in
        session)
            if "$here/session.sh" "$first" "$root"; then
                passed=$((passed + 1))
            else
                failed=$((failed + 1))
                printf 'FAILED: %s\n' "$page"
            fi
            ;;
        file) mkdir -p "$(dirname "$first")" && cp "$second" "$first" ;;
        run)
            if bash -e "$first" >"$work/output" 2>&1 </dev/null; then
                passed=$((passed + 1))
            else
                failed=$((failed + 1))
                printf 'FAILED: %s: these commands end with a failure:\n' "$page"
                cat "$first" "$work/output"
            fi
            ;;
        expect)
            while IFS= read -r line; do
                if grep -qF -- "$line" "$work/output"; then
                    passed=$((passed + 1))
                else
                    failed=$((failed + 1))
                    printf 'FAILED: %s: "%s" is not in:\n' "$page" "$line"
                    cat "$work/output"
                fi
            done <"$first"
            ;;
    esac
done <"$work/plan"
printf '%s: %d passed, %d failed\n' "$suite" "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
