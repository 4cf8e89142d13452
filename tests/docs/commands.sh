#!/usr/bin/env bash
# commands.sh ROOT BATON: every command of baton and tools/run that README.md or a page of docs/ shows, in a
# block or between backquotes, is there, and so is each of its options.
. "$(dirname "$0")/../lint/lint.sh"
root=$1
baton=$2
pages=("$root"/README.md "$root"/CHANGELOG.md "$root"/docs/*.md)

# The commands of a page, a line each, as "NUMBER:COMMAND".
commands() {
    awk '
        /^```/ { inside = !inside; next }
        inside {
            line = $0
            sub(/^\$ /, "", line)
            sub(/^ *- run: /, "", line)
            count = split(line, parts, / && | \| |; /)
            for (i = 1; i <= count; i++) {
                print FNR ":" parts[i]
            }
            next
        }
        {
            count = split($0, parts, "`")
            for (i = 2; i <= count; i += 2) {
                print FNR ":" parts[i]
            }
        }' "$1" | grep -E '^[0-9]+:([a-z]+/)?(baton [a-z]+( |$)|tools/run\>)' || true
}

# The words after the command: options up to "--", without values.
options() {
    sed -E 's/ -- .*//' <<<"$1" | grep -oE '(^| )--?[a-z][a-z-]*' | tr -d ' ' || true
}

for page in "${pages[@]}"; do
    while IFS= read -r found; do
        number=${found%%:*}
        command=${found#*:}
        case $command in
            tools/run* | build/tools/run*) name=run ;;
            *) name=$(cut -d ' ' -f 2 <<<"$command") ;;
        esac
        if ! help=$("$baton" "$name" --help 2>&1); then
            fail "$(basename "$page"):$number: there is no command '$name': $command"
            continue
        fi
        for option in $(options "$command"); do
            grep -qE -- "(^|[ ,])$option\>" <<<"$help" && pass ||
                fail "$(basename "$page"):$number: baton $name has no option $option: $command"
        done
        pass
    done < <(commands "$page")
done
printf 'doc-commands: %d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 50 ]
