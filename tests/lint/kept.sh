#!/usr/bin/env bash
# kept.sh SOURCE-DIR OBJECTS-FILE LOADER: what the fault handlers run from needs nothing else of the
# loader, whose other memory is free by then. The objects, whose names OBJECTS-FILE has a line each, go
# into the loader as they are: no code is moved by link-time optimisation. Three objects that are
# made here break a rule each: the scan must see that.
. "$(dirname "$0")/lint.sh"
source_dir=$1
mapfile -t objects <"$2"
loader=$3
limit=$((28 * 1024))
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Sections with bytes that are loaded and lie outside of .kept*.
strays_of() {
    objdump -h "$1" | awk '$1 ~ /^[0-9]+$/ {name = $2; size = $3}
        /ALLOC|LOAD|CODE|DATA/ && !/DEBUGGING/ && size !~ /^0+$/ &&
            name !~ /^\.(kept(\$[a-z]|[cdz])?|llvm_addrsig|drectve|debug.*)$/ {print name}'
}

defined=$(nm --defined-only --extern-only --format=posix "${objects[@]}" |
    awk 'NF > 1 {print $1}' | sort -u)
# Symbols that no kept object defines.
needs_of() {
    nm --undefined-only --format=posix "$1" | awk '{print $1}' | sort -u |
        comm -23 - <(printf '%s\n' "$defined")
}

for object in "${objects[@]}"; do
    strays=$(strays_of "$object")
    needs=$(needs_of "$object")
    if [ -n "$(nm "$object")" ] && [ -z "$strays$needs" ]; then
        pass
    else
        fail "${object##*/} has what is not kept:" $strays $needs
    fi
done
if [ "${#objects[@]}" -gt 10 ] && grep -qx fault_enter <<<"$defined"; then
    pass
else
    fail "$2 does not name the fault handlers' objects"
fi

# Each line of C breaks one rule.
plant() {
    printf '%s\n' "$1" >"$scratch/bad.c"
    clang --target=x86_64-unknown-windows -Oz -ffreestanding -include "$source_dir/loader/kept.h" \
        -c "$scratch/bad.c" -o "$scratch/bad.o"
}
caught() {
    if [ -n "$1" ]; then
        pass
    else
        fail "the scan does not see this: $2"
    fi
}
literal='const char *literal(void); const char *literal(void) { return "outside"; }'
variable='int variable; int count(void); int count(void) { return variable++; }'
call='int boot_entry(int); int call(int); int call(int a) { return boot_entry(a) + 1; }'
plant "$literal"
caught "$(strays_of "$scratch/bad.o")" "$literal"
plant "$variable"
caught "$(strays_of "$scratch/bad.o")" "$variable"
plant "$call"
caught "$(needs_of "$scratch/bad.o")" "$call"

# In the finished loader: one after the other, a page boundary between them; up to the next section.
read -r first end order < <(objdump -h "$loader" | awk '
    order ~ /keptd$/ && end == "" && $1 ~ /^[0-9]+$/ {end = $4}
    $2 ~ /^\.kept[cd]?$/ {order = order $2; if (first == "") first = $4}
    END {print first, end, order}')
kept=$((0x$end - 0x$first))
if [ "$order" = .kept.keptc.keptd ] && [ "$kept" -gt 0 ] && [ "$kept" -le "$limit" ]; then
    pass
else
    fail "$loader keeps $kept bytes in $order; at most $limit in .kept.keptc.keptd"
fi
echo "the fault handlers keep $kept of $limit bytes"
finish kept
