#!/usr/bin/env bash
# format.sh SOURCE-DIR: every C file is as clang-format writes it. Version 14 is the one that counts.
. "$(dirname "$0")/lint.sh"
cd "$1"
clang_format=$(first_of clang-format-14 clang-format)

while read -r file; do
    if "$clang_format" --dry-run -Werror "$file"; then
        pass
    else
        fail "$file: run $(basename "$clang_format") -i $file"
    fi
done < <(git ls-files -- '*.c' '*.h')
finish format
