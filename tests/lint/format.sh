#!/usr/bin/env bash
# format.sh SOURCE-DIR: every C file is as clang-format writes it. Version 14 is the one that counts.
. "$(dirname "$0")/lint.sh"
cd "$1"
clang_format=$(first_of clang-format-14 clang-format)

mapfile -t files < <(files_named '*.c' && files_named '*.h')
report=$("$clang_format" --dry-run -Werror "${files[@]}" 2>&1) || printf '%s\n' "$report"
for file in "${files[@]}"; do
    case $'\n'$report in
        *$'\n'"$file:"*) fail "$file: run $(basename "$clang_format") -i $file" ;;
        *) pass ;;
    esac
done
finish format
