#!/usr/bin/env bash
# bindings.sh LANGUAGE COMPILER SOURCE-DIR OUTPUT-DIR: the binding has every constant and every
# field of abi/bootinfo.h, each with its value, offset and size, and no constant beside them.
. "$(dirname "$0")/../lint/lint.sh"
language=$1
compiler=$2
source_dir=$3
out=$4
header=$source_dir/abi/bootinfo.h
tests=$source_dir/tests/abi

case $compiler in
    *-NOTFOUND | '')
        echo "SKIPPED: there is no compiler for $language here; abi/$language is not tested"
        exit 77
        ;;
esac

rm -rf "$out"
mkdir -p "$out"
awk -v language=c -f "$tests/bindings.awk" "$header" >"$out/header.c"
cc -std=c11 -I"$source_dir/abi" -o "$out/header" "$out/header.c"
"$out/header" >"$out/header.txt"

case $language in
    rust)
        binding=$source_dir/abi/rust/bootinfo.rs
        awk -v language=rust -v binding="$binding" -f "$tests/bindings.awk" "$header" >"$out/list.rs"
        "$compiler" --edition 2021 -D warnings -o "$out/list" "$out/list.rs"
        ;;
    nim)
        binding=$source_dir/abi/nim/bootinfo.nim
        awk -v language=nim -f "$tests/bindings.awk" "$header" >"$out/list.nim"
        "$compiler" c --hints:off --path:"$source_dir/abi/nim" --nimcache:"$out/cache" \
            -o:"$out/list" "$out/list.nim" >"$out/nim.log" 2>&1 ||
            { cat "$out/nim.log"; exit 1; }
        ;;
    d)
        binding=$source_dir/abi/d/bootinfo.d
        awk -v language=d -f "$tests/bindings.awk" "$header" >"$out/list.d"
        "$compiler" -Wall -Werror -o "$out/list" "$out/list.d" "$binding"
        ;;
    nasm | fasm)
        binding=$source_dir/abi/asm/bootinfo.inc
        # Every value as eight bytes; assembly has no sizes of fields.
        sed -i '/^sizeof .*\./d' "$out/header.txt"
        {
            [ "$language" = nasm ] && echo "%include '$binding'" || echo "include '$binding'"
            sed -E 's/^sizeof (.*) .*/\1.sizeof/; s/ .*//; s/^/dq /' "$out/header.txt"
        } >"$out/list.asm"
        if [ "$language" = nasm ]; then
            "$compiler" -Werror -f bin -o "$out/list.bin" "$out/list.asm"
        else
            "$compiler" "$out/list.asm" "$out/list.bin" >"$out/fasm.log"
        fi
        od -An -v -t x8 -w8 "$out/list.bin" >"$out/values.txt"
        sed 's/ [^ ]*$//' "$out/header.txt" | paste -d '' - "$out/values.txt" >"$out/binding.txt"
        ;;
esac
[ -e "$out/binding.txt" ] || "$out/list" >"$out/binding.txt"

while read -r line; do
    if grep -qxF -- "$line" "$out/binding.txt"; then
        pass
    else
        other=$(grep -F -- "${line% *} " "$out/binding.txt" || true)
        fail "bootinfo.h has '$line', $binding '$other'"
    fi
done <"$out/header.txt"
[ "$passed" -gt 150 ] || fail "only $passed values found in $header"

while read -r name; do
    grep -q "^$name " "$out/header.txt" || fail "$binding has $name, which is not in bootinfo.h"
done < <(sed -nE 's/^ *(pub const |enum [a-z]+ )?(BOOTINFO_[A-Z0-9_]+)(:|\*? =| equ ).*/\2/p' "$binding")
printf "abi-bindings-%s: %d passed, %d failed\n" "$language" "$passed" "$failed"
[ "$failed" = 0 ]
