#!/usr/bin/env bash
# released.sh SOURCE-DIR OUTPUT-DIR: abi/bootinfo.json and the bindings are what tools/abi/generate
# writes today, and each released version of the ABI (released/*.json) is still in it, unchanged.
. "$(dirname "$0")/../lint/lint.sh"
source_dir=$1
out=$2
tests=$source_dir/tests/abi

rm -rf "$out"
mkdir -p "$out"
"$source_dir/tools/abi/generate" "$out/abi"
for file in bootinfo.json rust/bootinfo.rs nim/bootinfo.nim asm/bootinfo.inc zig/bootinfo.zig \
    d/bootinfo.d; do
    if diff "$source_dir/abi/$file" "$out/abi/$file"; then
        pass
    else
        fail "abi/$file is not what bootinfo.h says: run tools/abi/generate"
    fi
done

compare() {
    awk -f "$tests/released.awk" "$1" "$2"
}

for released in "$tests"/released/*.json; do
    if compare "$released" "$out/abi/bootinfo.json"; then
        pass
    else
        fail "$(basename "$released") is no longer what it was when it was released"
    fi
done

# breaks WHAT SED: the comparison sees what sed does to a copy of the current version.
breaks() {
    sed -E "$2" "$out/abi/bootinfo.json" >"$out/broken.json"
    if cmp -s "$out/abi/bootinfo.json" "$out/broken.json"; then
        fail "nothing was broken: $1"
    elif compare "$tests/released/bootinfo-1.1.json" "$out/broken.json" >"$out/broken.txt"; then
        fail "not seen: $1"
    else
        pass
    fi
}

breaks "another value" '/"BOOTINFO_MEMORY_USABLE"/s/"value": "1"/"value": "2"/'
breaks "another type" '/"BOOTINFO_MEMORY_USABLE"/s/u32/u64/'
breaks "a constant that is gone" '/"BOOTINFO_STAGE_LOAD"/d'
breaks "a field that is gone" '/"name": "smbios"/d'
breaks "the last field that is gone" '/"name": "edid"/d'
breaks "a field of another name" 's/"name": "smbios"/"name": "smbus"/'
breaks "a field of another size" '/"name": "boot_time"/s/"i64"/"i32"/'
breaks "a field in between" 's/^( *)\{"name": "smbios".*/\1{"name": "new", "type": "u64", "offset": 224, "size": 8},\n&/'
breaks "a new field over an old one" '/"name": "tpm_event_log"/s/"offset": 320/"offset": 312/'
breaks "a struct that is gone" '/"struct": "BootInfoFile"/d'
printf 'abi-released: %d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
