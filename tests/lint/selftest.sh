#!/usr/bin/env bash
# selftest.sh SOURCE-DIR: the lint scripts see what they are there for. Each passes on a small loader
# made up here, in the folders that the real one has, and fails once a fault is planted in it.
. "$(dirname "$0")/lint.sh"
lint=$(realpath "$(dirname "$0")")
source_dir=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
folders="core/base core/config core/image core/memory core/info core/screen boot efi arch/x86_64"

# Writes the rest of the arguments, a line each, to a file of the small loader.
plant() {
    local file=$tree/$1
    shift
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "$@" >"$file"
}

# The small loader without a fault. Every folder has a file of the same name.
sow() {
    local folder name
    rm -rf "$tree"
    mkdir -p "$tree"
    cp "$source_dir/.clang-format" "$source_dir/.clang-tidy" "$tree"
    for folder in $folders; do
        name=${folder//\//_}
        plant "loader/$folder/twin.h" "int ${name}_twin(int a);"
        plant "loader/$folder/twin.c" '#include "twin.h"' '' "int ${name}_twin(int a)" '{' \
            '    return a + 1;' '}'
    done
    plant known.txt '# nothing'
    plant abi/bootinfo.h '#define BOOTINFO 1'
    plant loader/platform/ask.h '#include "core/base/twin.h"' '' 'int plat_ask(int a);'
    plant loader/arch.h '#include "core/base/twin.h"' '' 'int arch_ask(int a);'
    plant loader/boot/image.h 'int image_read(int a);'
    plant loader/boot/load.h 'int load(int a);'
    plant loader/boot/boot.h 'int boot(int a);'
    plant loader/boot/image.c '#include "boot/image.h"' '#include "abi/bootinfo.h"' \
        '#include "core/image/twin.h"' '#include "platform/ask.h"' '' 'int image_read(int a)' '{' \
        '    return core_image_twin(plat_ask(a));' '}'
    plant loader/boot/load.c '#include "load.h"' '' 'int load(int a)' '{' '    return a * 2;' '}'
    plant loader/boot/boot.c '#include "boot.h"' '#include "boot/image.h"' '#include "boot/load.h"' \
        '' 'int boot(int a)' '{' '    return image_read(load(a));' '}'
    plant loader/efi/main.c '#include "boot/boot.h"' '#include "platform/ask.h"' '' 'int main(void)' \
        '{' '    return boot(0);' '}'
}

# Compiles what is in loader/core, boot and arch; the names of the objects go to objects.
objects=()
compile() {
    local file object
    objects=()
    while read -r file; do
        object=$tree/objects/$file.o
        mkdir -p "$(dirname "$object")"
        cc -O2 -w -ffreestanding -fno-stack-protector -fno-pie -I "$tree/loader" -I "$tree" \
            -c "$tree/$file" -o "$object"
        objects+=("$object")
    done < <(cd "$tree" && find loader/core loader/boot loader/arch -name '*.c' 2>/dev/null | sort)
}

# Runs a lint script: passes WHAT SCRIPT ARGUMENTS...
passes() {
    local what=$1 output
    shift
    if output=$("$lint/$1" "${@:2}" 2>&1); then
        pass
    else
        fail "$1 finds a fault where there is none: $what:" "$output"
    fi
}

# fails WHAT IT-SAYS SCRIPT ARGUMENTS...: it fails, and names the place; in IT-SAYS each place has a
# line.
fails() {
    local what=$1 places=$2 said output
    shift 2
    if output=$("$lint/$1" "${@:2}" 2>&1); then
        fail "$1 does not see $what"
        return
    fi
    while IFS= read -r said; do
        if [[ $output != *"FAILED: $said"* && $'\n'$output != *$'\n'"$said"* ]]; then
            fail "$1 fails at $what, without '$said':" "$output"
        else
            pass
        fi
    done <<<"$places"
}

# The commands by which clang-tidy knows how each file is compiled.
write_commands() {
    local file separator='['
    while read -r file; do
        printf '%s\n{"directory": "%s", "file": "%s", "command": "cc -I loader -I . -c %s"}' \
            "$separator" "$tree" "$file" "$file"
        separator=,
    done < <(cd "$tree" && find loader -name '*.c' | sort) >"$tree/compile_commands.json"
    echo ']' >>"$tree/compile_commands.json"
}

try_tidy() {
    local folder name
    sow
    write_commands
    passes "the small loader" tidy.sh "$tree" "$tree"
    for folder in $folders; do
        name=${folder//\//_}
        plant "loader/$folder/twin.c" '#include "twin.h"' '' "int ${name}_twin(int a)" '{' \
            '    return a == a;' '}'
    done
    fails "a finding in each folder" "$(printf 'loader/%s/twin.c\n' $folders)" tidy.sh "$tree" "$tree"
    for folder in core/memory efi; do
        sow
        write_commands
        plant "loader/$folder/twin.c" 'int f(int a);' 'int f(int a)' '{' '    return a == a;' '}'
        fails "the only finding of all twins" "loader/$folder/twin.c" tidy.sh "$tree" "$tree"
    done
}

try_limits() {
    local lines
    mapfile -t lines < <(yes '    a = a * 3 + 1;' | head -n 40)
    sow
    write_commands
    plant loader/boot/twin.c 'int f(int a);' 'int f(int a)' '{' "${lines[@]:2}" '    return a;' '}'
    passes "a function of 40 lines" tidy.sh "$tree" "$tree"
    plant loader/boot/twin.c 'int f(int a);' 'int f(int a)' '{' "${lines[@]}" '    return a;' '}'
    fails "a function of more than 40 lines" loader/boot/twin.c tidy.sh "$tree" "$tree"
    plant loader/boot/twin.c 'int f(int a, int b, int c, int d, int e);' \
        'int f(int a, int b, int c, int d, int e)' '{' '    return a + b + c + d + e;' '}'
    passes "five parameters" tidy.sh "$tree" "$tree"
    plant loader/boot/twin.c 'int f(int a, int b, int c, int d, int e, int g);' \
        'int f(int a, int b, int c, int d, int e, int g)' '{' '    return a + b + c + d + e + g;' '}'
    fails "six parameters" loader/boot/twin.c tidy.sh "$tree" "$tree"
}

try_format() {
    local folder
    sow
    passes "the small loader" format.sh "$tree"
    for folder in core/memory efi; do
        plant "loader/$folder/twin.c" 'int  f(int a);'
        fails "two blanks in $folder" "loader/$folder/twin.c" format.sh "$tree"
    done
}

try_width() {
    local text file
    text=$(printf '%094d' 0)
    for file in loader/core/base/twin.c loader/efi/twin.h loader/arch/x86_64/twin.S tests/x.c; do
        sow
        plant "$file" "/* $text */"
        passes "a comment of 100 columns" width.sh "$tree"
        plant "$file" "/* ${text:1}"$'\303\266'" */"
        passes "a comment of 100 columns and 101 bytes" width.sh "$tree"
        plant "$file" "" "/* ${text}x */"
        fails "a comment of 101 columns" "$file:2: 101 columns" width.sh "$tree"
    done
}

# plant, compile and run seam.sh: what the fault is, what seam.sh has to say; the rest is for plant.
seam_fails() {
    local what=$1 said=$2
    shift 2
    sow
    plant "$@"
    compile
    fails "$what" "$said" seam.sh "$tree" "$tree/known.txt" "${objects[@]}"
}

try_seam() {
    local folder
    sow
    compile
    passes "the small loader" seam.sh "$tree" "$tree/known.txt" "${objects[@]}"
    for folder in core/base core/screen; do
        seam_fails "a question to the firmware in $folder" "loader/$folder/twin.c needs" \
            "loader/$folder/twin.c" 'int plat_ask(int a);' 'int f(void) { return plat_ask(1); }'
        seam_fails "a question to the CPU in $folder" "loader/$folder/twin.c needs" \
            "loader/$folder/twin.c" 'int arch_ask(int a);' 'int f(void) { return arch_ask(1); }'
        seam_fails "a call from $folder to boot" "loader/$folder/twin.c needs" \
            "loader/$folder/twin.c" 'int load(int a);' 'int f(void) { return load(1); }'
    done
    for folder in core/info boot arch/x86_64; do
        seam_fails "a call of puts in $folder" "loader/$folder/twin.c needs" \
            "loader/$folder/twin.c" 'int puts(const char *s);' 'int f(void) { return puts(""); }'
        seam_fails "a static variable in $folder" "loader/$folder/twin.c has mutable statics" \
            "loader/$folder/twin.c" 'static int n;' 'int f(void) { return n++; }'
    done
    for folder in core/memory boot; do
        seam_fails "a type of the firmware in $folder" "loader/$folder/twin.h speaks" \
            "loader/$folder/twin.h" 'typedef unsigned long EFI_STATUS;'
        seam_fails "a header of the firmware in $folder" "loader/$folder/late.h speaks" \
            "loader/$folder/late.h" '#include "../../efi/twin.h"'
    done
}

# A fault, what layers.sh has to say; the rest is for plant.
layers_fails() {
    local what=$1 said=$2
    shift 2
    sow
    plant "$@"
    fails "$what" "$said" layers.sh "$tree" "$tree/known.txt"
}

try_layers() {
    sow
    passes "the small loader" layers.sh "$tree" "$tree/known.txt"
    plant loader/boot/image_elf.c '#include "image.h"'
    passes "a second file of a stage" layers.sh "$tree" "$tree/known.txt"
    local arrow from to
    for arrow in core/base:core/config core/memory:core/image core/image:core/screen \
        core/config:boot core/screen:efi core/info:arch/x86_64 boot:efi boot:arch/x86_64 \
        efi:arch/x86_64 efi:boot arch/x86_64:efi arch/x86_64:boot; do
        from=${arrow%:*}
        to=${arrow#*:}
        layers_fails "$from above $to" "loader/$from/twin.c includes loader/$to/twin.h" \
            "loader/$from/twin.c" "#include \"$to/twin.h\""
    done
    layers_fails "an arrow by way of .." "loader/core/base/twin.h includes loader/boot/twin.h" \
        loader/core/base/twin.h '#  include "../../boot/twin.h"'
    layers_fails "platform in core" "loader/core/base/twin.c includes loader/platform/ask.h" \
        loader/core/base/twin.c '#include <platform/ask.h>'
    layers_fails "a stage that knows another" "loader/boot/load.c includes loader/boot/image.h" \
        loader/boot/load.c '#include "boot/image.h"'
    layers_fails "a stage in a header" "loader/boot/session.h includes loader/boot/image.h" \
        loader/boot/session.h '#include "image.h"'
    layers_fails "a header that is not there" 'loader/boot/load.c includes "core/none.h"' \
        loader/boot/load.c '#include "core/none.h"'
    layers_fails "a folder without a rule" "loader/extra/twin.c: tests/lint/layers.sh has no rule" \
        loader/extra/twin.c '#include "core/base/twin.h"'
}

# What is known to be wrong is let pass, that alone, and only as long as it is so.
try_known() {
    sow
    plant loader/core/base/twin.c '#include "core/config/twin.h"'
    plant known.txt "layers: loader/core/base/twin.c includes loader/core/config/twin.h, which$1"
    passes "a known arrow" layers.sh "$tree" "$tree/known.txt"
    plant loader/core/config/twin.c '#include "boot/twin.h"'
    fails "one arrow besides a known one" "loader/core/config/twin.c includes" layers.sh "$tree" \
        "$tree/known.txt"
    sow
    plant known.txt "layers: loader/core/base/twin.c includes loader/core/config/twin.h, which$1"
    fails "an arrow that was known" "no longer so" layers.sh "$tree" "$tree/known.txt"
}

try_circles() {
    sow
    compile
    passes "the small loader" circles.sh "$tree" "$tree/known.txt" "${objects[@]}"
    plant loader/core/base/twin.c 'int b(void);' 'int core_base_twin(int a) { return b(); }'
    plant loader/core/base/b.c 'int c(void);' 'int b(void) { return c(); }'
    plant loader/core/base/c.c 'int core_base_twin(int a);' \
        'int c(void) { return core_base_twin(1); }'
    compile
    fails "a circle of three files" "circle: loader/core/base/b.c, loader/core/base/c.c, loader/core/base/twin.c" \
        circles.sh "$tree" "$tree/known.txt" "${objects[@]}"
    sow
    compile
    plant loader/core/info/twin.h '#include "core/memory/twin.h"'
    plant loader/core/memory/twin.h '#include "core/screen/twin.h"'
    plant loader/core/screen/twin.h '#include "core/info/twin.h"'
    fails "a circle of three folders" \
        "    loader/core/memory -> loader/core/screen (loader/core/memory/twin.h includes" \
        circles.sh "$tree" "$tree/known.txt" "${objects[@]}"
    fails "objects that need nothing" "circles of files: nothing" circles.sh "$tree" "$tree/known.txt" "${objects[0]}"
}

# A header of $1 functions in the small loader.
sow_functions() {
    local lines
    mapfile -t lines < <(for ((i = 0; i < $1; i++)); do printf 'int f%d(int a); /* why */\n' "$i"; done)
    sow
    plant loader/efi/many.h "${lines[@]}" '_Static_assert(1 == 1, "no function");'
}

try_headers() {
    sow_functions 15
    passes "a header of 15 functions" headers.sh "$tree"
    sow_functions 16
    fails "a header of 16 functions" "loader/efi/many.h declares 16 functions" headers.sh "$tree"
}

try_tidy
try_limits
try_format
try_width
try_seam
try_layers
try_known " core/base may not"
try_circles
try_headers
finish selftest
