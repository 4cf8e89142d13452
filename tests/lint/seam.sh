#!/usr/bin/env bash
# seam.sh SOURCE-DIR OBJECT...: the core asks the machine through plat_* only (loader/core/platform.h).
# The objects are the core, built for this machine.
. "$(dirname "$0")/lint.sh"
source_dir=$1
shift

defined=$(nm --defined-only --extern-only --format=posix "$@" | awk 'NF > 1 {print $1}' | sort -u)
allowed='plat_[a-z0-9_]*|memcpy|memset|memmove|memcmp|strlen|strcmp|crc32|inflate[A-Za-z0-9_]*'
allowed="$allowed|_GLOBAL_OFFSET_TABLE_"

for object in "$@"; do
    strange=$(nm --undefined-only --format=posix "$object" | awk '{print $1}' | sort -u |
        comm -23 - <(printf '%s\n' "$defined") | grep -vxE "$allowed" || true)
    if [ -z "$strange" ]; then
        pass
    else
        fail "$(basename "$object") needs what is neither core nor plat_*:" $strange
    fi
done

# Constants of the memory map are plain numbers and allowed; types and calls of UEFI are not.
# The preprocessor takes the comments out, sed the strings.
for file in "$source_dir"/loader/core/*.[ch]; do
    names=$(cc -fpreprocessed -dD -E -P "$file" 2>/dev/null | sed 's/"[^"]*"//g' |
        grep -oE '\b(EFI_[A-Z0-9_]+|EFIAPI)\b' | grep -vE '^EFI_MEMORY_' | sort -u || true)
    includes=$(grep -nE '#include *[<"](efi|\.\./efi)' "$file" || true)
    if [ -z "$names$includes" ]; then
        pass
    else
        fail "$(basename "$file") speaks of the firmware:" $names $includes
    fi
done

# No state between two calls: a writable variable of the core would be one.
for object in "$@"; do
    variables=$(nm --defined-only --format=posix "$object" | awk '$2 ~ /^[bBdDC]$/ {print $1}')
    if [ -z "$variables" ]; then
        pass
    else
        fail "$(basename "$object") has mutable statics:" $variables
    fi
done
finish seam
