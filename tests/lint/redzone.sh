#!/usr/bin/env bash
# redzone.sh LOADER RED-ZONE-OBJECT CANARY-OBJECT: nothing in the finished loader, zlib included,
# keeps data below the stack pointer or reads a stack canary at %fs:0x28. The firmware's timer
# interrupt runs on the same stack, and has crashed in crc32_z for that reason. The two objects do
# these things on purpose: the scan must see them.
. "$(dirname "$0")/lint.sh"

# Accesses below the stack pointer, and what FS or GS point at. Moving the pointer itself is fine. So is
# an index as well, which may be large: that is how words[i - 15] of an array on the stack is read.
scan() {
    objdump -d --no-show-raw-insn "$1" |
        grep -E -e '-0x[0-9a-f]+\(%rsp\)|%[fg]s:' |
        grep -vE 'lea +-0x[0-9a-f]+\(%rsp\),%rsp' || true
}

clean() {
    local found
    found=$(scan "$1")
    if [ -z "$found" ]; then
        pass
    else
        fail "$1:" "$found"
    fi
}

caught() {
    if [ -n "$(scan "$1")" ]; then
        pass
    else
        fail "the scan does not see what $1 does"
    fi
}

count=$(objdump -d --no-show-raw-insn "$1" | grep -cE '^ +[0-9a-f]+:' || true)
if [ "$count" -gt 5000 ]; then
    pass
else
    fail "$1: only $count instructions found: is it the loader?"
fi
clean "$1"
caught "$2"
caught "$3"
finish redzone
