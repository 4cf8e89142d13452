# Builds kernels for the BootInfo ABI. Use one of
#   find_package(BootInfo 1.0 REQUIRED)                            Baton is installed
#   find_package(BootInfo 1.0 REQUIRED PATHS path/to/abi/cmake)
#   include(path/to/abi/cmake/BootInfoConfig.cmake)
# and then
#   bootinfo_add_kernel(NAME SOURCES kernel.c ... [LOAD_ADDRESS 0x2000000] [GZIP]
#                       [HIGHER_HALF | PIE])
# which makes the target NAME: NAME.elf (for the loader and for debuggers), NAME.bin (the raw kernel)
# and, with GZIP, NAME.bin.gz. HIGHER_HALF links with kernel-higher-half.ld, PIE makes a
# position-independent executable: then there is only NAME.elf (and NAME.elf.gz). All in one directory (CMAKE_RUNTIME_OUTPUT_DIRECTORY, else the current one).
# C, C++ and assembly (.S) are welcome; enable the languages in project().
include_guard()

get_filename_component(BOOTINFO_ABI_DIR "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

# What every kernel is compiled with. No red zone: interrupts would overwrite it. No unwind tables,
# stack canary or CET: nothing is there to serve them.
set(BOOTINFO_COMPILE_OPTIONS
    -ffreestanding -fno-stack-protector -mno-red-zone -fno-pic -fno-pie -fcf-protection=none
    -fno-asynchronous-unwind-tables
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics>)
set(BOOTINFO_LINK_OPTIONS
    -nostdlib
    -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -Wl,--build-id=none)

function(bootinfo_add_kernel name)
    cmake_parse_arguments(PARSE_ARGV 1 kernel "GZIP;HIGHER_HALF;PIE" "LOAD_ADDRESS" "SOURCES")
    if(kernel_UNPARSED_ARGUMENTS OR NOT kernel_SOURCES OR (kernel_HIGHER_HALF AND kernel_PIE))
        message(FATAL_ERROR "expected bootinfo_add_kernel(NAME SOURCES file ... "
            "[LOAD_ADDRESS address] [GZIP] [HIGHER_HALF | PIE]), found '${ARGV}'")
    endif()
    set(script ${BOOTINFO_ABI_DIR}/kernel.ld)
    set(link -static)
    set(raw ON)
    if(kernel_HIGHER_HALF)
        set(script ${BOOTINFO_ABI_DIR}/kernel-higher-half.ld)
        set(raw OFF)
    elseif(kernel_PIE)
        # Only what is linked for 0 GNU ld calls position-independent. The kernel header is in .text.
        set(link -static-pie -Wl,--no-dynamic-linker -Wl,-z,defs -Wl,-z,notext
            -Wl,--defsym=bootinfo_load_address=0)
        set(raw OFF)
    endif()
    if(NOT CMAKE_OBJCOPY)
        message(FATAL_ERROR "no objcopy found: install binutils, or set CMAKE_OBJCOPY")
    endif()

    add_executable(${name} ${kernel_SOURCES})
    set_target_properties(${name} PROPERTIES
        SUFFIX .elf
        POSITION_INDEPENDENT_CODE OFF
        LINK_DEPENDS ${script})
    target_include_directories(${name} PRIVATE ${BOOTINFO_ABI_DIR})
    target_compile_options(${name} PRIVATE ${BOOTINFO_COMPILE_OPTIONS}
        $<$<BOOL:${kernel_HIGHER_HALF}>:-mcmodel=kernel> $<$<BOOL:${kernel_PIE}>:-fpie>)
    # lld wants to know the address before it reads the script.
    if(kernel_LOAD_ADDRESS)
        target_link_options(${name} PRIVATE
            -Wl,--defsym=bootinfo_load_address=${kernel_LOAD_ADDRESS})
    endif()
    target_link_options(${name} PRIVATE ${link} ${BOOTINFO_LINK_OPTIONS} -Wl,-T,${script})

    set(image $<TARGET_FILE:${name}>)
    set(commands "")
    if(raw)
        set(image $<TARGET_FILE_DIR:${name}>/${name}.bin)
        set(commands COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${name}> ${image})
    endif()
    if(kernel_GZIP)
        find_program(BOOTINFO_GZIP gzip)
        if(NOT BOOTINFO_GZIP)
            message(FATAL_ERROR "no gzip found: install it, or set BOOTINFO_GZIP")
        endif()
        list(APPEND commands COMMAND ${BOOTINFO_GZIP} -9 -n -k -f ${image})
    endif()
    if(commands)
        add_custom_command(TARGET ${name} POST_BUILD ${commands} VERBATIM)
    endif()
endfunction()
