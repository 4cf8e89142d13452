# Sourced by the lint scripts: counts what they look at.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C

passed=0
failed=0

pass() {
    passed=$((passed + 1))
}

# What is wrong, in words.
fail() {
    failed=$((failed + 1))
    printf 'FAILED: %s\n' "$*"
}

# Places that break a rule and are known to: the lines "SUITE: WORDS" of the file $2 for the suite $1.
known=()
read_known() {
    mapfile -t known < <(sed -n "s/^$1: //p" "$2")
}

# What is wrong, in words, unless that is known.
fail_unless_known() {
    local i
    for i in "${!known[@]}"; do
        if [ "${known[$i]}" = "$*" ]; then
            unset "known[$i]"
            pass
            return
        fi
    done
    fail "$*"
}

# The closing line of suite $1, and the script's end. Having looked at nothing is a failure.
finish() {
    local line
    for line in "${known[@]}"; do
        fail "no longer so, take it out of tests/lint/known.txt: $line"
    done
    printf 'lint-%s: %d passed, %d failed\n' "$1" "$passed" "$failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
    exit
}

# The first of these programs that there is.
first_of() {
    local program
    for program in "$@"; do
        if command -v "$program"; then
            return
        fi
    done
    fail "none of these programs is installed: $*"
}

# The project's files with such a name ("*.md"), in a clone or an unpacked archive.
files_named() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files -- "$1"
    else
        find . -path './build*' -prune -o -type f -name "$1" -printf '%P\n'
    fi
}
