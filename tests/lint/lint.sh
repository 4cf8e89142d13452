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

# The closing line of suite $1, and the script's end. Having looked at nothing is a failure.
finish() {
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
