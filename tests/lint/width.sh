#!/usr/bin/env bash
# width.sh SOURCE-DIR: no line of C or assembly is longer than 100 columns. clang-format does not
# break comments.
. "$(dirname "$0")/lint.sh"
cd "$1"

mapfile -t files < <(files_named '*.c' && files_named '*.h' && files_named '*.S')
# Bytes that continue a character take no column of their own.
report=$(awk '
    { line = $0; gsub(/[\200-\277]/, "", line) }
    length(line) > 100 { print FILENAME ":" FNR ": " length(line) " columns; at most 100" }
    ' "${files[@]}")
for file in "${files[@]}"; do
    case $'\n'$report in
        *$'\n'"$file:"*) ;;
        *) pass ;;
    esac
done
while IFS= read -r line; do
    [ -z "$line" ] || fail "$line"
done <<<"$report"
finish width
