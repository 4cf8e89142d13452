# Sourced by the programs in tools/: installs what is missing through apt-get, and nothing (in no
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
xz-utils            xz
binutils-source     /usr/src/binutils/binutils-*.tar.xz
libcjson-dev        /usr/include/cjson/cJSON.h
zlib1g-dev          /usr/include/zlib.h
mtools              mcopy
qemu-system-x86     qemu-system-x86_64
ovmf                /usr/share/OVMF/OVMF_CODE_4M.fd
'
debug_needs='gdb gdb
'
language_needs='rustc  rustc
cargo  cargo
libstd-rust-dev  /usr/lib/rustlib/*/lib/libcore-*.rlib
nim    nim
gdc    gdc
nasm   nasm
fasm   fasm
'
test_needs="$run_needs$debug_needs$language_needs
git                 git
ninja-build         ninja
check               /usr/include/check.h
xorriso             xorriso
fdisk               /sbin/sfdisk
dosfstools          /sbin/fsck.fat
meson               meson
zsh                 zsh
fish                fish
groff-base          groff
libxml2-utils       xmllint
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
        # A Rust from elsewhere brings its own library.
        /usr/lib/rustlib/*)
            compgen -G "$(rustc --print sysroot 2>/dev/null)/lib${1#/usr/lib}" >/dev/null
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

# While process $1 runs: the last line of its log $2, where it is a step of the build. On a terminal
# one line that changes, elsewhere a line every ten seconds.
show_progress() {
    local last='' step count=0 begun=$SECONDS
    while kill -0 "$1" 2>/dev/null; do
        sleep 0.5
        step=$(grep -aoE '^\[ *[0-9]+(%|/[0-9]+)\].*' "$2" 2>/dev/null | tail -n 1) || true
        count=$((count + 1))
        if [ -t 2 ] && [ "$step" != "$last" ]; then
            printf '\r\033[K%.79s' "$step" >&2
        elif [ ! -t 2 ] && [ $((count % 20)) = 0 ]; then
            say "  $((SECONDS - begun)) s: ${step:-configuring}"
        fi
        last=$step
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

# Configures and builds preset $1 in folder $2; shows the build's output only where it fails.
build() {
    local log="$2/build.log" builder status=0
    say "Building in $2 ..."
    mkdir -p "$2"
    { cmake --preset "$1" && cmake --build "$2" -j "$(nproc)"; } >"$log" 2>&1 &
    builder=$!
    show_progress "$builder" "$log"
    wait "$builder" || status=$?
    if [ "$status" != 0 ]; then
        cat "$log" >&2
        say "The build failed; its output is in $log"
        exit 2
    fi
    rm -f "$log"
}
