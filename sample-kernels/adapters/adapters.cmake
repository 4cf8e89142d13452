# Kernels that boot kernels of other protocols: docs/adapters.md. They need no SSE, and leave it to the
# kernels they start.
set(ADAPTERS ${CMAKE_CURRENT_LIST_DIR})
set(ADAPTER_COMMON ${ADAPTERS}/common/elf.c ${ADAPTERS}/common/e820.c ${ADAPTERS}/common/enter.c
    ${ADAPTERS}/common/enter.S ${ADAPTERS}/common/refuse.c ${SAMPLE_COMMON})

function(add_adapter name load_address)
    add_sample(${name} LOAD_ADDRESS ${load_address} SOURCES ${ADAPTER_COMMON} ${ARGN})
    target_include_directories(${name} PRIVATE ${ADAPTERS}/common)
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:C>:-mgeneral-regs-only>)
endfunction()

# Out of the way of what runs at 1 MiB and nowhere else, such as memtest86+.
add_adapter(linux 0x600000 ${ADAPTERS}/linux/linux.c ${ADAPTERS}/linux/bzimage.c
    ${ADAPTERS}/linux/parameters.c)
add_adapter(multiboot 0x600000 ${ADAPTERS}/multiboot/multiboot.c ${ADAPTERS}/multiboot/header.c
    ${ADAPTERS}/multiboot/low.c ${ADAPTERS}/multiboot/block.c ${ADAPTERS}/multiboot/inform_1.c
    ${ADAPTERS}/multiboot/inform_2.c ${ADAPTERS}/multiboot/inform_pvh.c)
add_adapter(limine 0x200000 ${ADAPTERS}/limine/limine.c ${ADAPTERS}/limine/image.c
    ${ADAPTERS}/limine/tables.c ${ADAPTERS}/limine/map.c ${ADAPTERS}/limine/answers.c
    ${ADAPTERS}/limine/cpus.c ${ADAPTERS}/limine/enter.S)
