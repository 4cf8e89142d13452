#!/usr/bin/env bash
# commands.sh ROOT BATON WALKS, in the build folder:
#   - every command of baton and tools/run that README.md or a page of docs/ shows, in a block or
#     between backquotes, is there, and so is each of its options;
#   - every command in a block is run: in a part of its page that walk.sh follows (WALKS has a line
#     "PAGE, FIRST-HEADING, LAST-HEADING" for each, with tabs), or by the test that commands.txt
#     names for it; else commands.txt has the reason why it is not. bash can parse it.
. "$(dirname "$0")/../lint/lint.sh"
root=$1
baton=$2
walks=$3
list=$root/tests/docs/commands.txt
pages=("$root"/README.md "$root"/CHANGELOG.md "$root"/docs/*.md)

# The commands of a page, a line each, as "NUMBER:COMMAND". Events in the log of a TPM look like some.
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
        }' "$1" | grep -E '^[0-9]+:([a-z]+/)?(baton [a-z]+( |$)|tools/run\>)' |
        grep -vE '^[0-9]+:baton (config|kernel|module|entry|cmdline|arguments) ' || true
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
# The commands in blocks of page $1 that walk.sh does not come by, a line each. In a block of the
# language sh each line is one, in a session those that begin with "$ ", elsewhere those that look
# like one. What follows two blanks and "#" is a comment.
not_walked() {
    awk -v page="$1" -v walks="$walks" '
        BEGIN {
            while ((getline line < walks) > 0) {
                split(line, part, "\t")
                if (part[1] == page) {
                    from[++count] = part[2]
                    to[count] = part[3]
                    on[count] = part[2] == ""
                }
            }
        }
        {
            walked = 0
            for (i = 1; i <= count; i++) {
                if (from[i] != "" && index($0, from[i]) == 1) { on[i] = 1 }
                if (to[i] != "" && index($0, to[i]) == 1) { on[i] = 0 }
                walked = walked || on[i]
            }
        }
        /^```/ { inside = !inside; language = substr($0, 4); first = inside; next }
        !inside || walked { next }
        first { session = language == "" && /^\$ /; first = 0 }
        session && !sub(/^\$ /, "") { next }
        session || language == "sh" ||
        /^(sudo|printf|echo|cd|make|cmake|cargo|gdb|picocom|tools\/[a-z]+|baton [a-z]+)( |$)/ {
            sub(/ +# .*/, "")
            if (/[^ ]/ && !/^ *#/) {
                print
            }
        }' "$root/$1"
}

# Is $1 a suite of this build or a test in the sources?
is_test() {
    grep -qx -- "$1" <<<"$suites" || grep -rqE "^START_TEST\($1\)" "$root/tests"
}

# Not by ctest -N, which would empty the log of the ctest that runs this.
suites=$(find . -name CTestTestfile.cmake -exec \
    sed -nE 's/^add_test\((\[=*\[|")?([A-Za-z0-9_.-]+).*/\2/p' {} +)
listed=$(grep -v '^#' "$list")
for page in "${pages[@]}"; do
    page=${page#"$root/"}
    while IFS= read -r command; do
        [ -n "$command" ] || continue
        bash -n -c "$command" || fail "$page: bash cannot parse: $command"
        row=$(awk -F '\t' -v page="$page" -v command="$(printf %s "$command" | sed 's/\\/\\\\/g')" \
            '$1 == page && $2 == command { print $3; exit }' <<<"$listed")
        case $row in
            'by '*) is_test "${row#by }" && pass ||
                fail "$list: there is no test '${row#by }', which would run: $command" ;;
            'not run: '?*) pass ;;
            *) fail "$page: this command is run by no test, and has no line in" \
                "tests/docs/commands.txt that says why: $command" ;;
        esac
    done < <(not_walked "$page")
done

# A line for a command that is there no more is a mistake.
while IFS=$'\t' read -r page command _; do
    not_walked "$page" | grep -qxF -- "$command" && pass ||
        fail "$list: $page has no such command, or walk.sh runs it: $command"
done <<<"$listed"

printf 'doc-commands: %d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 50 ]
