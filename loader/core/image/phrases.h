/* What a file can be, and what to do about a file that is no kernel. Packed: core/base/packed.h. */
#ifndef BATON_IMAGE_PHRASES_H
#define BATON_IMAGE_PHRASES_H

/* What to do. */
#define NEXTS(X)                                                               \
    X(ANY, "Is it the right file? docs/abi.md says how to build a kernel.")    \
    X(UNPACK, "Unpack it, then: gzip -9 -n FILE")                              \
    X(ARCHIVE, "Unpack it, and name the kernel that is in it.")                \
    X(BUILD, "Link an ELF file: docs/abi.md says with which tools.")           \
    X(MACHINE, "It is for another machine: build it for this one.")            \
    X(NAME, "Name the kernel that it starts.")                                 \
    X(LINUX, "Add 'adapter = linux' to loader.cfg: docs/linux.md.")            \
    X(FIRMWARE, "The firmware starts it, from its own boot menu.")             \
    X(DISK, "Name a kernel: the loader boots no disks.")                       \
    X(ZLIB, "Add 'compression = zlib' and 'memory =' to loader.cfg.")          \
    X(MULTIBOOT, "Add 'adapter = multiboot' to loader.cfg: docs/adapters.md.") \
    X(MIGRATE, "Build it for BootInfo: docs/migrating.md.")

/* What a file can be; the phrase follows "this is ". */
#define FORMATS(X)                                                         \
    X(RAW, BUILD, "a raw image")                                           \
    X(GZIP, UNPACK, "gzip-compressed")                                     \
    X(GZIP_TWICE, UNPACK, "gzip-compressed twice")                         \
    X(ZLIB, ZLIB, "zlib-compressed")                                       \
    X(ZSTD, UNPACK, "zstd-compressed")                                     \
    X(XZ, UNPACK, "xz-compressed")                                         \
    X(BZIP2, UNPACK, "bzip2-compressed")                                   \
    X(LZ4, UNPACK, "lz4-compressed")                                       \
    X(LZOP, UNPACK, "lzop-compressed")                                     \
    X(LZIP, UNPACK, "lzip-compressed")                                     \
    X(LZMA, UNPACK, "LZMA-compressed")                                     \
    X(COMPRESS, UNPACK, "compressed with 'compress'")                      \
    X(ZIP, ARCHIVE, "a ZIP archive")                                       \
    X(TAR, ARCHIVE, "a tar archive")                                       \
    X(CPIO, ARCHIVE, "a cpio archive")                                     \
    X(MACH_O, BUILD, "a Mach-O file")                                      \
    X(A_OUT, BUILD, "an a.out file")                                       \
    X(BZIMAGE, LINUX, "a Linux kernel (bzImage)")                          \
    X(LINUX_AARCH64, MACHINE, "an AArch64 Linux kernel")                   \
    X(LINUX_RISCV, MACHINE, "a RISC-V Linux kernel")                       \
    X(PE, BUILD, "a PE file (EFI application or Windows program)")         \
    X(PE_EFI, FIRMWARE, "an EFI program (PE)")                             \
    X(PE_WINDOWS, BUILD, "a Windows program (PE)")                         \
    X(DISK, DISK, "a boot sector or disk image")                           \
    X(BLANK, ANY, "nothing but zeros or 0xff")                             \
    X(TEXT, ANY, "text")                                                   \
    X(UTF_16, NAME, "text (UTF-16)")                                       \
    X(SCRIPT, NAME, "a script")                                            \
    X(ELF_CUT, ANY, "an ELF file, cut short")                              \
    X(ELF_BIG, MACHINE, "a big-endian ELF file")                           \
    X(ELF_DAMAGED, ANY, "a damaged ELF file")                              \
    X(ELF64, MACHINE, "an ELF64 file for another machine")                 \
    X(ELF64_X86, MACHINE, "an ELF64 file for x86-64")                      \
    X(ELF64_AARCH64, MACHINE, "an ELF64 file for AArch64 (e_machine 183)") \
    X(ELF64_RISCV, MACHINE, "an ELF64 file for RISC-V (e_machine 243)")    \
    X(ELF32, ANY, "an ELF32 file")                                         \
    X(ELF32_X86, ANY, "an ELF32 file for 32-bit x86 (e_machine 3)")        \
    X(ELF32_ARM, MACHINE, "an ELF32 file for 32-bit ARM (e_machine 40)")   \
    X(ZLIB_OR_RAW, ANY, "zlib-compressed or a raw image")

/* Kernels of other loaders; Limine's have a sentence of their own in status.h. */
#define PROTOCOLS(X)                                                    \
    X(MULTIBOOT2, "a Multiboot2 kernel: its entry is 32-bit code")      \
    X(MULTIBOOT, "a Multiboot kernel: its entry is 32-bit code")        \
    X(PVH, "a PVH kernel: its entry is 32-bit code")                    \
    X(LIMINE, "")                                                       \
    X(STIVALE2, "a stivale2 kernel, a protocol that Limine's replaced") \
    X(BOOTBOOT, "a BOOTBOOT kernel: its structure is at a fixed address")

#define NEXT_CODE(name, words) NEXT_##name,
enum next { NEXTS(NEXT_CODE) };

extern const unsigned char packed_nexts[];
extern const unsigned char packed_formats[];
extern const unsigned char packed_protocols[];

#endif
