#!/usr/bin/env bash
# tidy.sh SOURCE-DIR LOADER-BUILD-DIR: clang-tidy finds nothing in the loader's C, in any folder.
. "$(dirname "$0")/lint.sh"
database=$(realpath "$2")
cd "$1"
clang_tidy=$(first_of clang-tidy-14 clang-tidy)
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# One report a file, at the file's path: files in two folders may have the same name. It is empty
# where all is well.
check() {
    local report=$reports/$1
    mkdir -p "$(dirname "$report")"
    "$clang_tidy" --quiet -p "$database" "$1" >"$report" 2>"$report.errors" ||
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
