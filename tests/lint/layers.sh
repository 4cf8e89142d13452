#!/usr/bin/env bash
# layers.sh SOURCE-DIR KNOWN-FILE: what each folder of the loader may include.
. "$(dirname "$0")/lint.sh"
includes_awk=$(realpath "$(dirname "$0")/includes.awk")
read_known layers "$2"
cd "$1"

# A folder or file below loader/, and what it may include besides itself. The longest that fits
# counts: core/memory/map.c is judged by the rule of core/memory. Unused rules do no harm, a file
# that no rule fits is a mistake.
export RULES='
core/base:
core/config: core/base
core/memory: core/base
core/image: core/base core/config
core/info: core/base core/config core/memory core/trust
core/screen: core/base core/config core/memory
core/trust: core/base
pack: core arch/x86_64
platform: core
arch.h: core
uart.h: core/base arch.h
crc32.h:
boot: core platform arch.h
arch/x86_64: core arch.h uart.h crc32.h
arch/aarch64: core arch.h uart.h crc32.h
efi: core platform arch.h uart.h crc32.h
efi/main.c: core efi platform arch.h boot/boot.h
'
# Everybody may include abi/. The stages do not know each other: their headers are for boot/boot.*
# and for the files of the stage itself, STAGE.c and STAGE_*.
export STAGES='config entry image placement load modules screen info exit'

mapfile -t files < <(find loader abi -name '*.[chS]' | sort)
mapfile -t readers < <(find loader -name '*.[chS]' | sort)
report=$(awk -f "$includes_awk" "${files[@]}" -- "${readers[@]}" | awk '
    BEGIN {
        FS = "\t"
        count = split(ENVIRON["RULES"], line, "\n")
        for (i = 1; i <= count; i++) {
            if (line[i] != "") {
                split(line[i], row, ":")
                allowed[row[1]] = row[1] " " row[2]
            }
        }
        count = split(ENVIRON["STAGES"], word, " ")
        for (i = 1; i <= count; i++) {
            is_stage[word[i]] = 1
        }
    }

    # The longest rule that fits: "core/base/text.h", "core/base", "core".
    function rule_of(path) {
        while (!(path in allowed) && path ~ /\//) {
            sub(/\/[^\/]*$/, "", path)
        }
        return path in allowed ? path : ""
    }

    function may(rule, to,    part, count, i) {
        if (to ~ /^abi\//) {
            return 1
        }
        count = split(allowed[rule], part, " ")
        for (i = 1; i <= count; i++) {
            if (to == "loader/" part[i] || index(to, "loader/" part[i] "/") == 1) {
                return 1
            }
        }
        return 0
    }

    # The stage whose header this is; none for anything else.
    function stage_of(path) {
        if (path !~ /^loader\/boot\/[^\/]*\.h$/) {
            return ""
        }
        sub(/.*\//, "", path)
        sub(/\.h$/, "", path)
        return path in is_stage ? path : ""
    }

    function knows(path, stage) {
        sub(/.*\//, "", path)
        sub(/\..*/, "", path)
        return path == "boot" || path == stage || index(path, stage "_") == 1
    }

    {
        path = substr($1, 8)
        rule = rule_of(path)
        stage = stage_of($2)
        if ($2 ~ /^\?/) {
            print $1 " includes \"" substr($2, 2) "\", which is nowhere in loader/ and abi/"
        } else if (rule == "") {
            print $1 ": tests/lint/layers.sh has no rule for this folder"
        } else if (!may(rule, $2)) {
            print $1 " includes " $2 ", which " rule " may not"
        } else if (stage != "" && !knows(path, stage)) {
            print $1 " includes " $2 ": only boot/boot.* and that stage itself may"
        } else {
            good++
        }
    }
    END { print good + 0 }')
while IFS= read -r line; do
    case $line in
        *[!0-9]*) fail_unless_known "$line" ;;
        *) passed=$((passed + line)) ;;
    esac
done <<<"$report"
finish layers
