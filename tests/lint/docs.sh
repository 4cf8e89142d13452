#!/usr/bin/env bash
# docs.sh SOURCE-DIR: every link in every Markdown file leads somewhere, every test that
# docs/failures.md names is there, README.md names the version of the loader, and docs/testing.md the
# files that only QEMU tests.
. "$(dirname "$0")/lint.sh"
cd "$1"

# Markdown without code: fenced blocks and `spans`.
prose() {
    awk '/^ *```/ {code = !code; next} !code' "$1" | sed 's/`[^`]*`//g'
}

# The anchors of a file's headings, as GitHub makes them.
anchors() {
    awk '/^ *```/ {code = !code; next} !code' "$1" | sed -n 's/^##* *//p' |
        sed 's/\[\([^]]*\)\]([^)]*)/\1/g' | tr 'A-Z' 'a-z' | tr -d '\140' |
        sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

check_link() {
    local file=$1 link=$2 path anchor target
    case $link in
        http://* | https://* | mailto:*) return ;;
    esac
    path=${link%%#*}
    anchor=${link#"$path"}
    target=$(dirname "$file")/$path
    [ -n "$path" ] || target=$file
    if [ ! -e "$target" ]; then
        fail "$file: no file for the link '$link'"
    elif [ -n "$anchor" ] && ! anchors "$target" | grep -qxF -- "${anchor#\#}"; then
        fail "$file: no heading for the link '$link'"
    else
        pass
    fi
}

while read -r file; do
    while read -r link; do
        check_link "$file" "$link"
    done < <(prose "$file" | grep -oE '\]\([^) ]+' | sed 's/^](//')
done < <(files_named '*.md')
# Names of tests have underscores; lines of a table stand in quotes.
while read -r name; do
    if grep -rqF -- "$name" tests; then
        pass
    else
        fail "docs/failures.md: there is no test $name"
    fi
done < <(grep '^|' docs/failures.md | grep -oE '`[a-z0-9]+(_[a-z0-9]+){2,}`|"[^"]+"' | tr -d '\140')
version=$(sed -n 's/^#define BATON_VERSION "\(.*\)"$/\1/p' loader/core/base/version.h)
if [ -n "$version" ] && grep -qF "Baton is at version $version:" README.md; then
    pass
else
    fail "README.md does not name version '$version', which loader/core/base/version.h has"
fi

# Code of the loader that no host program links: docs/testing.md lists it, and nothing else.
listed=$(sed -n '/^\*\*Only QEMU tests these files/,/^$/p' docs/testing.md | grep -oE '`[^`]+\.c`' | tr -d '\140' |
    while read -r pattern; do eval "printf '%s\n' $pattern"; done | sort)
found=$(find loader/efi loader/arch -name '*.c' | sort | while read -r file; do
    grep -rqF -e "${file#loader/}" tests/unit tests/fuzz CMakeLists.txt loader/sources.cmake ||
        { [[ $file == loader/efi/* ]] && grep -E '^(set|foreach|target_sources)' tests/unit/CMakeLists.txt |
            grep -qwF -- "$(basename "$file" .c)"; } || echo "$file"
done)
if [ "$listed" = "$found" ]; then
    pass
else
    wrong=$(diff <(echo "$listed") <(echo "$found") | grep "^[<>]" | tr "\n" " " || true)
    fail "docs/testing.md: the files that only QEMU tests: $wrong"
fi
finish docs
