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
esac
awk -v language=c -f "$tests/bindings.awk" "$header" >"$out/header.c"
cc -std=c11 -I"$source_dir/abi" -o "$out/header" "$out/header.c"

"$out/header" >"$out/header.txt"
"$out/list" >"$out/binding.txt"

while read -r line; do
    if grep -qxF -- "$line" "$out/binding.txt"; then
        pass
    else
        other=$(grep -F -- "${line% *} " "$out/binding.txt" || true)
        fail "bootinfo.h has '$line', $binding '$other'"
    fi
done <"$out/header.txt"
[ "$passed" -gt 100 ] || fail "only $passed values found in $header"

while read -r name; do
    grep -q "^$name " "$out/header.txt" || fail "$binding has $name, which is not in bootinfo.h"
done < <(sed -nE 's/^ *(pub const )?(BOOTINFO_[A-Z0-9_]+)(:|\* =).*/\2/p' "$binding")
printf "abi-bindings-%s: %d passed, %d failed\n" "$language" "$passed" "$failed"
[ "$failed" = 0 ]
