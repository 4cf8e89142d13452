# Sourced by tools/test: systems that the tests boot, from the distribution's packages. They are
# downloaded and unpacked, not installed: installing a kernel changes /boot. What cannot be had is
# left out, and its tests say so.
# shellcheck shell=bash

systems_folder=build-packages

# Each line: the file's name in that folder, the package, the file's name in there (a pattern).
# A package may stand for another one that it depends on.
systems='
vmlinuz            linux-image-cloud-amd64  ./boot/vmlinuz-*
memtest86+x64.bin  memtest86+               ./boot/memtest86+x64.bin
memtest86+ia32.bin memtest86+               ./boot/memtest86+ia32.bin
busybox            busybox-static           ./bin/busybox
xen.gz             xen-system-amd64         ./boot/xen-*.gz
'

# The package that has the files: "linux-image-cloud-amd64" is only a name for the newest kernel's.
real_package() {
    local depends
    depends=$(LC_ALL=C apt-cache depends "$1" 2>/dev/null |
        awk '/ Depends: (linux-image|xen-hypervisor)-/ {print $2; exit}')
    printf '%s\n' "${depends:-$1}"
}

# fetch_system NAME PACKAGE FILE
fetch_system() {
    local folder status=0
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get download -qq "$(real_package "$2")") >/dev/null 2>&1 &&
        dpkg-deb --fsys-tarfile "$folder"/*.deb |
        tar -xO --wildcards "$3" >"$folder/file" &&
        [ -s "$folder/file" ]; then
        mv "$folder/file" "$systems_folder/$1"
        chmod 644 "$systems_folder/$1"
    else
        status=1
    fi
    rm -rf "$folder"
    return $status
}

fetch_systems() {
    local name package file updated=
    mkdir -p "$systems_folder"
    while read -r name package file; do
        if [ -z "$name" ] || [ -e "$systems_folder/$name" ] || ! command -v apt-get >/dev/null; then
            continue
        fi
        say "Downloading $package"
        fetch_system "$name" "$package" "$file" && continue
        if [ -z "$updated" ]; then
            updated=1
            as_root apt-get update -qq >/dev/null 2>&1 || true
            fetch_system "$name" "$package" "$file" && continue
        fi
        say "There is no $package to be had here: its tests are skipped"
    done <<<"$systems"
}
