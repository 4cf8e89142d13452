#!/usr/bin/env bash
# tidy.sh SOURCE-DIR LOADER-BUILD-DIR: clang-tidy finds nothing in the loader's C, in any folder.
. "$(dirname "$0")/lint.sh"
database=$(realpath "$2")
cd "$1"
clang_tidy=$(first_of clang-tidy-14 clang-tidy)
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# One report a file, at the file's path: files in two folders may have the same name. It is empty
# where all is well. loader/pack runs on the machine that builds: it is not in the
# database, and asks once, at the end, whether all was written (cert-err33-c).
check() {
    local report=$reports/$1 flags=()
    [[ $1 != loader/pack/* ]] || flags=(--checks=-cert-err33-c -- -std=gnu11 -Iloader -I.)
    mkdir -p "$(dirname "$report")"
    "$clang_tidy" --quiet -p "$database" "$1" "${flags[@]}" >"$report" 2>"$report.errors" ||
        cat "$report.errors" >>"$report"
    rm "$report.errors"
}
export -f check
export clang_tidy database reports

mapfile -t files < <(find loader -name '*.c' | sort)
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P 2 bash -c 'check "$0"'

for file in "${files[@]}"; do
    if [ ! -e "$reports/$file" ]; then
        fail "$file: clang-tidy did not run"
    elif [ -s "$reports/$file" ]; then
        cat "$reports/$file"
        fail "$file"
    else
        pass
    fi
done
finish tidy
