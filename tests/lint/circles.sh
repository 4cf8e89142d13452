#!/usr/bin/env bash
# circles.sh SOURCE-DIR KNOWN-FILE OBJECT...: no file of loader/core and loader/boot calls one that calls it
# back, over however many files (the objects say it, built for this machine); and no folder of
# loader/ includes one that includes it back.
. "$(dirname "$0")/lint.sh"
circles_awk=$(realpath "$(dirname "$0")/circles.awk")
includes_awk=$(realpath "$(dirname "$0")/includes.awk")
source_dir=$1
read_known circles "$2"
shift 2

# file, tab, file it needs, tab, a symbol: "path/loader/core/x.c.o: symbol T ..." on two readings.
calls() {
    nm -A --extern-only --format=posix "$@" | awk '
        {
            file = $0
            sub(/\.[^.]*: .*/, "", file)
            sub(/.*\/loader\//, "loader/", file)
            rest = $0
            sub(/.*: /, "", rest)
            split(rest, field, " ")
            if (field[2] == "U") {
                needs[++count] = file "\t" field[1]
            } else {
                owner[field[1]] = file
            }
        }
        END {
            for (i = 1; i <= count; i++) {
                split(needs[i], need, "\t")
                if (need[2] in owner) {
                    print need[1] "\t" owner[need[2]] "\t" need[2]
                }
            }
        }'
}

# folder, tab, folder, tab, the include. A header right in loader/ counts as a folder.
folder_arrows() {
    local files
    mapfile -t files < <(find loader -name '*.[chS]' | sort)
    awk -f "$includes_awk" "${files[@]}" -- "${files[@]}" | awk '
        BEGIN { FS = "\t" }
        function folder(path) {
            if (path ~ /^loader\/[^\/]*$/) {
                return path
            }
            sub(/\/[^\/]*$/, "", path)
            return path
        }
        $2 !~ /^\?/ { print folder($1) "\t" folder($2) "\t" $1 " includes " $2 }'
}

# No circle among the arrows in the input; each is counted.
judge() {
    local arrows found member
    arrows=$(cat)
    found=$(awk -f "$circles_awk" <<<"$arrows")
    if [ -z "$arrows" ]; then
        fail "$1: nothing needs anything: are these the loader's objects and source?"
        return
    fi
    passed=$((passed + $(wc -l <<<"$arrows")))
    [ -z "$found" ] || printf '%s\n' "$found"
    while read -r member; do
        fail_unless_known "$member is part of a circle"
    done < <(sed -n 's/^circle: //p' <<<"$found" | sed 's/, /\n/g')
}

judge "circles of files" < <(calls "$@")
cd "$source_dir"
judge "circles of folders" < <(folder_arrows)
finish circles
