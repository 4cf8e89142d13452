#!/usr/bin/env bash
# Writes the files that docs/tool.md takes for granted into this folder; baton is on the PATH.
set -eu

# kernel NAME LINES: a kernel that does what LINES do before it ends the machine with success.
kernel() {
    baton new "made-$1" >/dev/null 2>&1
    sed -i "s|    bootinfo_print(&console, \"hello.*|$2|" "made-$1/kernel.c"
    make -s -C "made-$1"
    cp "$(find "made-$1" -name '*.elf' | head -1)" "$1.elf"
}

mkdir kernels DISK DISK/boot
kernel kernel '    bootinfo_print(\&console, "all tests passed\\n");'
# As many CPUs as CPUID leaf 1 says: with more than one this kernel fails.
kernel smp '    uint32_t a = 1, b, c, d;\n    __asm__("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));\n    if ((b >> 16 \& 0xFF) > 1) {\n        bootinfo_finish(0);\n    }'
cp kernel.elf kernels/alloc.elf
mv smp.elf kernels/smp.elf
cp kernel.elf DISK/boot/
echo 'kernel = /boot/kernel.elf' >DISK/loader.cfg
echo 'kernel = /boot/kernal.elf' >typo.cfg
cat >loader.cfg <<'END'
default = test

[entry test]
kernel = /boot/kernel.elf

[entry again]
kernel = /boot/kernel.elf
END
