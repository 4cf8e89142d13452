#!/usr/bin/env bash
# seam.sh SOURCE-DIR KNOWN-FILE OBJECT...: what each layer of the loader needs, as the linker sees it.
#   loader/core  itself, zlib, mem* and str*
#   loader/boot  loader/core too, and the questions plat_* (platform/) and arch_* (arch.h)
#   loader/arch  (the part of it that is built here) loader/core and itself
# The objects are built for this machine; their paths contain those of their sources.
. "$(dirname "$0")/lint.sh"
source_dir=$1
read_known seam "$2"
shift 2
library='memcpy|memset|memmove|memcmp|strlen|strcmp|crc32|inflate([A-Z][A-Za-z0-9_]*)?'
library="$library|_GLOBAL_OFFSET_TABLE_"

# The path of an object's source, from loader/ on.
source_of() {
    local path=${1##*/loader/}
    printf '%s\n' "${path%.*}"
}

# What the objects of this layer define.
defined_in() {
    local object
    for object in "${objects[@]}"; do
        case $(source_of "$object") in
            "$1"/*) nm --defined-only --extern-only --format=posix "$object" ;;
        esac
    done | awk 'NF > 1 {print $1}' | sort -u
}

objects=("$@")
core=$(defined_in core)
boot=$(defined_in boot)
arch=$(defined_in arch)

# Object $1 needs nothing but the symbols in $2 (one a line) and those that the pattern $3 matches.
needs_only() {
    local strange
    strange=$(nm --undefined-only --format=posix "$1" | awk '{print $1}' | sort -u |
        comm -23 - <(sort -u <<<"$2") | grep -vxE "$library|$3" || true)
    if [ -z "$strange" ]; then
        pass
    else
        fail_unless_known "loader/$(source_of "$1") needs what its layer may not need:" $strange
    fi
}

for object in "${objects[@]}"; do
    case $(source_of "$object") in
        core/*) needs_only "$object" "$core" '' ;;
        boot/*) needs_only "$object" "$core"$'\n'"$boot" '(plat|arch)_[a-z0-9_]*' ;;
        arch/*) needs_only "$object" "$core"$'\n'"$arch" '' ;;
        *) fail "$object: its path does not say which layer of loader/ it belongs to" ;;
    esac
done

# Constants of the memory map are plain numbers and allowed; types and calls of UEFI are not.
# The preprocessor takes the comments out, sed the strings.
while read -r file; do
    names=$(cc -fpreprocessed -dD -E -P "$file" 2>/dev/null | sed 's/"[^"]*"//g' |
        grep -oE '\b(EFI_[A-Z0-9_]+|EFIAPI)\b' | grep -vE '^EFI_MEMORY_' | sort -u || true)
    includes=$(grep -nE '#[ \t]*include *[<"](\.\./)*efi[./]' "$file" || true)
    if [ -z "$names$includes" ]; then
        pass
    else
        fail "${file#"$source_dir"/} speaks of the firmware:" $names $includes
    fi
done < <(find "$source_dir/loader" \( -path "$source_dir/loader/core/*" -o \
    -path "$source_dir/loader/boot/*" -o -path "$source_dir/loader/platform/*" -o \
    -path "$source_dir/loader/arch.h" \) -name '*.[ch]' | sort)

# No state between two calls: a writable variable of the core or of boot would be one.
for object in "${objects[@]}"; do
    variables=$(nm --defined-only --format=posix "$object" | awk '$2 ~ /^[bBdDC]$/ {print $1}')
    if [ -z "$variables" ]; then
        pass
    else
        fail "loader/$(source_of "$object") has mutable statics:" $variables
    fi
done
finish seam
