#!/usr/bin/env bash
# reproducible.sh SOURCE-DIR LOADER ZLIB_SOURCE_DIR: the loader, built again from copies of
# its source in two other folders, is the same to the last byte, names no folder of this machine, and
# is built again when a header has changed.
. "$(dirname "$0")/lint.sh"
source_dir=$1
loader=$2
zlib=${3-}
generator="Unix Makefiles"
command -v ninja >/dev/null && generator=Ninja
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

build_in() {
    local folder=$1
    mkdir -p "$folder"
    cp -r "$source_dir/loader" "$source_dir/abi" "$folder"
    {
        cmake -G "$generator" -S "$folder/loader" -B "$folder/build" \
            -DCMAKE_TOOLCHAIN_FILE="$folder/loader/toolchain-x86_64.cmake" \
            -DCMAKE_BUILD_TYPE=Release -DBATON_OUTPUT_DIR="$folder" -DZLIB_SOURCE_DIR="$zlib" &&
            cmake --build "$folder/build"
    } >"$folder/log" 2>&1 || {
        cat "$folder/log"
        fail "building in $folder"
    }
}

for folder in "$scratch/with a blank" "$scratch/another/place/with/a/longer/name"; do
    build_in "$folder"
    if cmp "$loader" "$folder/BOOTX64.EFI"; then
        pass
    else
        fail "the loader built in '$folder' differs"
    fi
    sleep 1
    touch "$folder/loader/core/base/text.h"
    cmake --build "$folder/build" >"$folder/log" 2>&1
    if grep -q 'Building C object .*/core/base/path.c' "$folder/log"; then
        pass
    else
        fail "$generator does not notice that a header has changed"
    fi
done

for folder in "$source_dir" "$(dirname "$loader")" "$HOME"; do
    if [ "$folder" != / ] && grep -qaF -- "$folder" "$loader"; then
        fail "$loader contains '$folder'"
    else
        pass
    fi
done
finish reproducible
