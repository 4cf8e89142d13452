#!/usr/bin/env bash
# package.sh SOURCE-DIR BUILD-DIR OUTPUT-DIR: what is installed can be moved, and the examples build
# with it outside of the clone, by pkg-config and by find_package. The packages have the same files,
# and packing again makes the same bytes.
. "$(dirname "$0")/../lint/lint.sh"
source_dir=$(realpath "$1")
build=$(realpath "$2")
out=$3

rm -rf "$out"
mkdir -p "$out"
out=$(realpath "$out")

# run WHAT COMMAND...: shows the output of a command that fails.
run() {
    local what=$1
    shift
    if "$@" >"$out/log" 2>&1; then
        pass
    else
        cat "$out/log"
        fail "$what"
        return 1
    fi
}

# builds WHAT PREFIX: both examples, copied from there, become kernels of the same bytes.
builds() {
    local what=$1 prefix=$2 copy="$out/kernels of $1"
    mkdir -p "$copy"
    cp -r "$prefix/share/baton/abi/examples" "$copy/a folder"
    run "$what: make" env PKG_CONFIG_PATH="$prefix/share/pkgconfig" make -C "$copy/a folder/make"
    run "$what: cmake" env CMAKE_PREFIX_PATH="$prefix" \
        cmake -S "$copy/a folder/cmake" -B "$copy/build"
    run "$what: cmake --build" cmake --build "$copy/build"
    for kernel in "$copy/a folder/make/kernel.bin" "$copy/build/kernel.bin"; do
        if [ ! -e "$first" ] && [ -e "$kernel" ]; then
            cp "$kernel" "$first"
        fi
        [ -s "$kernel" ] && grep -q BOOTKERN "$kernel" && pass || fail "$what: no kernel in $kernel"
    done
    cmp "$first" "$copy/a folder/make/kernel.bin" && pass || fail "$what: another kernel"
    # Nothing but the prefix was used.
    grep -q "^BootInfo_DIR:PATH=$prefix/" "$copy/build/CMakeCache.txt" && pass ||
        fail "$what: find_package took another kit: $(grep BootInfo_DIR "$copy/build/CMakeCache.txt")"
}
first=$out/kernel.bin

run "cmake --install" cmake --install "$build" --prefix "$out/prefix"
builds installed "$out/prefix"
mv "$out/prefix" "$out/moved"
builds moved "$out/moved"

for file in share/baton/BOOTX64.EFI share/baton/ENROLL.EFI share/baton/kernels/multiboot.bin \
    share/baton/kernels/limine.bin share/baton/kernels/linux.bin share/baton/abi/bootinfo.h share/baton/abi/kernel.ld \
    share/baton/abi/rust/bootinfo.rs share/cmake/BootInfo/BootInfoConfig.cmake \
    share/pkgconfig/bootinfo.pc share/doc/baton/docs/abi.md share/doc/baton/LICENSE \
    share/man/man1/baton.1 share/bash-completion/completions/baton share/zsh/site-functions/_baton \
    share/zsh/vendor-completions/_baton share/fish/vendor_completions.d/baton.fish; do
    [ -s "$out/moved/$file" ] && pass || fail "$file is not installed"
done
cmp "$build/BOOTX64.EFI" "$out/moved/share/baton/BOOTX64.EFI" && pass || fail "another loader"
for place in "$source_dir" "$build"; do
    # Sanitizers put names of files into the tool that the tests build.
    if grep -rlF --exclude=baton -- "$place" "$out/moved"; then
        fail "what is installed names $place"
    else
        pass
    fi
done

# pack NAME: both packages, in a folder of their own.
pack() {
    run "cpack" env SOURCE_DATE_EPOCH=1700000000 \
        cpack --config "$build/CPackConfig.cmake" -B "$out/$1"
}

# begins WHAT PREFIX: the tool that is installed there needs nothing of the clone for a project, from
# its first file to an image.
begins() {
    local what=$1 prefix=$2 copy="$out/projects of $1"
    mkdir -p "$copy"
    ln -s "$prefix/bin/baton" "$copy/baton"
    run "$what: baton doctor" "$prefix/bin/baton" doctor
    run "$what: baton new, check, inspect, image" env PATH="$copy:$PATH" sh -ec '
        cd "$1"
        baton new k
        cd k
        make
        baton check loader.cfg build/k.elf
        baton inspect --json build/k.elf | grep "ovmf-q35-2g"
        make image
        mcopy -n -o -i build/k.img@@1M ::/EFI/BOOT/BOOTX64.EFI ..
        cmp ../BOOTX64.EFI "$2/share/baton/BOOTX64.EFI"' sh "$copy" "$prefix"
}
begins moved "$out/moved"

pack one
sleep 2
pack two
for package in "$out"/one/*.deb "$out"/one/*.tar.gz; do
    if cmp "$package" "$out/two/$(basename "$package")"; then
        pass
    else
        fail "$(basename "$package") has other bytes each time it is made"
    fi
done

mkdir "$out/tar"
run "the .tar.gz" tar -C "$out/tar" --strip-components=1 -xf "$out"/one/*.tar.gz
diff -r "$out/moved" "$out/tar" && pass || fail "the .tar.gz has other files than cmake --install"
if command -v dpkg-deb >/dev/null; then
    run "the .deb" dpkg-deb -x "$out"/one/*.deb "$out/deb"
    diff -r "$out/moved" "$out/deb/usr" && pass || fail "the .deb has other files than cmake --install"
    builds deb "$out/deb/usr"
    begins deb "$out/deb/usr"
fi
printf 'package: %d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
