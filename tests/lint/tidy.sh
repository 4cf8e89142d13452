#!/usr/bin/env bash
# tidy.sh SOURCE-DIR LOADER-BUILD-DIR: clang-tidy finds nothing in the loader's C.
. "$(dirname "$0")/lint.sh"
source_dir=$1
database=$2
clang_tidy=$(first_of clang-tidy-14 clang-tidy)
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# One report a file: empty where all is well.
check() {
    local name
    name=$(basename "$1")
    "$clang_tidy" --quiet -p "$database" "$1" >"$reports/$name" 2>"$reports/$name.errors" ||
        cat "$reports/$name.errors" >>"$reports/$name"
    rm "$reports/$name.errors"
}
export -f check
export clang_tidy database reports

printf '%s\0' "$source_dir"/loader/core/*.c "$source_dir"/loader/arch/*/*.c \
    "$source_dir"/loader/efi/*.c | xargs -0 -n 1 -P 2 bash -c 'check "$0"'

for report in "$reports"/*; do
    if [ -s "$report" ]; then
        cat "$report"
        fail "$(basename "$report")"
    else
        pass
    fi
done
finish tidy
