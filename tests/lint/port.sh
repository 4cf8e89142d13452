#!/usr/bin/env bash
# port.sh SOURCE-DIR ZLIB-HEADERS: core/ and boot/ know no architecture: they compile for another one
# too, with warnings as errors. What a port has to bring is arch/NAME (docs/architecture.md).
. "$(dirname "$0")/lint.sh"
source_dir=$1
zlib=$2
loader=$source_dir/loader
target=aarch64-unknown-windows
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wvla -Wundef -Wcast-align -Wpointer-arith
    -Wstrict-prototypes -Wmissing-prototypes -Werror)

compiles() {
    clang --target=$target -std=gnu11 -ffreestanding -fsyntax-only "${warnings[@]}" -DZ_SOLO \
        -I"$loader/efi/include" -I"$loader" -I"$source_dir" -isystem "$zlib" "$1"
}

# The check itself: an instruction of x86-64 must not pass.
planted=$(mktemp --suffix=.c)
trap 'rm -f "$planted"' EXIT
printf 'void stop(void);\nvoid stop(void)\n{\n    __asm__ volatile("" : : "a"(0));\n}\n' >"$planted"
if compiles "$planted" >/dev/null 2>&1; then
    fail "a register of x86-64 passes for $target: this test would notice nothing"
else
    pass
fi

while read -r file; do
    if report=$(compiles "$file" 2>&1); then
        pass
    else
        printf '%s\n' "$report"
        fail "${file#"$source_dir/"} does not compile for $target"
    fi
done < <(find "$loader/core" "$loader/boot" -name '*.c' | sort)
finish port
