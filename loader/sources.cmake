# The loader's sources by layer (docs/architecture.md). They are built several times: for EFI
# (loader/CMakeLists.txt), for tests and tools on this machine, and by lint tests.
set(BATON_LOADER_DIR ${CMAKE_CURRENT_LIST_DIR})
set(BATON_ROOT_DIR ${CMAKE_CURRENT_LIST_DIR}/..)

# core/ computes: it needs nothing but itself, zlib and mem*.
set(BATON_CORE_SOURCES
    core/base/acpi.c
    core/base/clock.c
    core/base/madt.c
    core/base/path.c
    core/base/names.c
    core/base/packed.c
    core/base/quoted.c
    core/base/smbios.c
    core/base/status.c
    core/base/status_name.c
    core/base/text.c
    core/base/writer.c
    core/config/config.c
    core/config/diagnostics.c
    core/config/entries.c
    core/config/keys.c
    core/config/lines.c
    core/config/load_options.c
    core/config/module_lines.c
    core/config/pins.c
    core/config/scalars.c
    core/config/value.c
    core/image/elf.c
    core/image/elf_needs.c
    core/image/elf_relocate.c
    core/image/foreign.c
    core/image/inflate.c
    core/image/kind.c
    core/image/needs.c
    core/info/block.c
    core/memory/map.c
    core/memory/room.c
    core/screen/crash_page.c
    core/screen/menu.c
    core/screen/mode.c
    core/screen/terminal.c
    core/trust/archive.c
    core/trust/event_log.c
    core/trust/section.c
    core/trust/sha256.c)
list(TRANSFORM BATON_CORE_SOURCES PREPEND ${BATON_LOADER_DIR}/)

# boot/ asks the machine: the only caller of plat_*.
set(BATON_BOOT_SOURCES
    boot/boot.c
    boot/config.c
    boot/entry.c
    boot/exit.c
    boot/file.c
    boot/firmware_map.c
    boot/firmware_tables.c
    boot/hand_over.c
    boot/image.c
    boot/info.c
    boot/load.c
    boot/log.c
    boot/measure.c
    boot/modules.c
    boot/pages.c
    boot/placement.c
    boot/screen.c
    boot/segments.c
    boot/serial.c
    boot/session.c
    boot/stream.c
    boot/timeline.c
    boot/tries.c
    boot/trust.c)
list(TRANSFORM BATON_BOOT_SOURCES PREPEND ${BATON_LOADER_DIR}/)

# The part of arch/x86_64 that computes: tests walk the page tables it builds.
set(BATON_ARCH_PURE_SOURCES
    arch/x86_64/crash.c
    arch/x86_64/crc32.c
    arch/x86_64/paging.c
    arch/x86_64/sev.c
    arch/x86_64/sha256.c
    arch/x86_64/tables.c
    arch/x86_64/target.c
    arch/x86_64/walk.c)
list(TRANSFORM BATON_ARCH_PURE_SOURCES PREPEND ${BATON_LOADER_DIR}/)

set(BATON_LOADER_INCLUDES ${BATON_LOADER_DIR} ${BATON_ROOT_DIR})

# What the fault handlers run from: it stays in memory when all else of the loader is gone. lint-kept
# looks that it needs nothing else.
set(BATON_KEPT_SOURCES
    core/base/names.c
    core/base/packed.c
    core/base/writer.c
    core/screen/crash_page.c
    core/screen/terminal.c
    arch/x86_64/crash.c
    arch/x86_64/walk.c)
list(TRANSFORM BATON_KEPT_SOURCES PREPEND ${BATON_LOADER_DIR}/)

# Lists of strings, packed by a program of this machine. A target of another folder that has these
# files depends on baton-strings.
set(generated ${CMAKE_BINARY_DIR}/generated/loader/core/base)
find_program(BATON_HOST_CC NAMES cc gcc clang REQUIRED)
file(MAKE_DIRECTORY ${generated})
add_custom_command(
    OUTPUT ${generated}/strings.c ${generated}/strings_kept.c
    COMMAND ${BATON_HOST_CC} -std=gnu11 -I${BATON_LOADER_DIR} -I${BATON_ROOT_DIR}
        -o ${generated}/pack ${BATON_LOADER_DIR}/pack/strings.c
    COMMAND ${generated}/pack ${generated}/strings.c ${generated}/strings_kept.c
    DEPENDS ${BATON_LOADER_DIR}/pack/strings.c
        ${BATON_LOADER_DIR}/core/base/packed.h ${BATON_LOADER_DIR}/core/base/status.h
        ${BATON_LOADER_DIR}/core/base/names.h ${BATON_LOADER_DIR}/core/image/phrases.h
        ${BATON_LOADER_DIR}/core/config/forms.h
        ${BATON_LOADER_DIR}/core/base/warnings.h ${BATON_LOADER_DIR}/core/screen/menu_texts.h
        ${BATON_LOADER_DIR}/core/screen/crash_texts.h ${BATON_LOADER_DIR}/core/screen/crash_page.h
        ${BATON_LOADER_DIR}/arch/x86_64/crash_texts.h
    COMMENT "Packing the loader's strings"
    VERBATIM)
add_custom_target(baton-strings
    DEPENDS ${generated}/strings.c ${generated}/strings_kept.c)
list(APPEND BATON_CORE_SOURCES ${generated}/strings.c ${generated}/strings_kept.c)
list(APPEND BATON_KEPT_SOURCES ${generated}/strings_kept.c)
