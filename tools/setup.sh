# Sourced by tools/run and tools/test: installs what is missing through apt-get, and nothing (in no
# time) when all is there.
# shellcheck shell=bash

say() {
    printf '%s\n' "$*" >&2
}

# Each line: the Debian and Ubuntu package, and a program or a file (a pattern) that tells it is there.
run_needs='
gcc                 gcc
g++                 g++
make                make
cmake               cmake
pkg-config          pkg-config
clang               clang
lld                 lld-link
llvm                llvm-objcopy
gnu-efi             /usr/include/efi/efi.h
libz-mingw-w64-dev  /usr/x86_64-w64-mingw32/lib/libz.a
libcjson-dev        /usr/include/cjson/cJSON.h
zlib1g-dev          /usr/include/zlib.h
mtools              mcopy
qemu-system-x86     qemu-system-x86_64
ovmf                /usr/share/OVMF/OVMF_CODE_4M.fd
'
debug_needs='gdb gdb
'
language_needs='rustc  rustc
libstd-rust-dev  /usr/lib/rustlib/*/lib/libcore-*.rlib
nim    nim
'
test_needs="$run_needs$debug_needs
git                 git
check               /usr/include/check.h

clang-format-14     clang-format-14
clang-tidy-14       clang-tidy-14
openssl             openssl
sbsigntool          sbsign
efitools            cert-to-efi-sig-list
pesign              pesign
shim-unsigned       /usr/lib/shim/shimx64.efi
swtpm               swtpm
swtpm-tools         swtpm_setup
libclang-rt-14-dev  /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a
"

# Is this program or file there?
has() {
    case $1 in
        # Elsewhere firmware has other places: tools/vm knows them, and says so where it finds none.
        /usr/share/OVMF/*)
            [ -n "${OVMF_CODE:-}" ] || [ -e "$1" ] || ! command -v apt-get >/dev/null
            ;;
        /*) compgen -G "$1" >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# The packages of the list $1 that are missing.
missing_of() {
    local package probe
    while read -r package probe; do
        if [ -n "$package" ] && ! has "$probe"; then
            printf '%s ' "$package"
        fi
    done <<<"$1"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

# Releases differ: some have in one package what others have in two.
known_to_apt() {
    local package
    for package in $1; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            printf '%s ' "$package"
        else
            say "This release has no package $package"
        fi
    done
}

# Installs what is missing of the list $1, or says what to do and ends.
install_needs() {
    local missing
    missing=$(missing_of "$1")
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null; then
        say "Missing (named as on Debian and Ubuntu): $missing"
        say "There is no apt-get here: please install them, then run this again."
        exit 2
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        say "Missing packages, and neither root nor sudo to install them with. As root, say:"
        say "    apt-get install $missing"
        exit 2
    fi
    as_root apt-get update -qq || say "apt-get update failed: trying with the lists that are there"
    missing=$(known_to_apt "$missing")
    say "Installing: $missing"
    # shellcheck disable=SC2086
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
        --no-install-recommends $missing >/dev/null; then
        say "apt-get failed. The packages needed are: $missing"
        exit 2
    fi
    missing=$(missing_of "$1")
    [ -z "$missing" ] || say "Still not found after installing: $missing"
}

# Configures and builds preset $1 in folder $2; shows the build's output only where it fails.
build() {
    local log="$2/build.log"
    say "Building in $2 ..."
    mkdir -p "$2"
    if ! { cmake --preset "$1" && cmake --build "$2" -j "$(nproc)"; } >"$log" 2>&1; then
        cat "$log" >&2
        say "The build failed; its output is in $log"
        exit 2
    fi
    rm -f "$log"
}
