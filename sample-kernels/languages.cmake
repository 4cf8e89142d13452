# Sample kernels in languages whose compilers not everybody has: where one is missing, its sample is
# left out, and the tests say so.
find_program(BATON_RUSTC rustc DOC "rustc for the sample in Rust")
find_program(BATON_NIM nim DOC "nim for the sample in Nim")

# Leaves out a compiler that is too old.
function(need_version variable version)
    if(NOT ${variable})
        return()
    endif()
    execute_process(COMMAND ${${variable}} --version OUTPUT_VARIABLE output ERROR_QUIET)
    if(NOT output MATCHES "[0-9]+[.][0-9]+[.][0-9]+" OR CMAKE_MATCH_0 VERSION_LESS version)
        message(STATUS "${${variable}} is not of version ${version} or later")
        set(${variable} ${variable}-NOTFOUND CACHE FILEPATH "" FORCE)
    endif()
endfunction()

need_version(BATON_RUSTC 1.63.0)
need_version(BATON_NIM 1.6.0)

# The code comes as a library: the linker has to be told what to look for in it.
function(add_library_sample name library)
    add_sample(${name} SOURCES ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/common/memory.c)
    add_custom_target(${name}-library DEPENDS ${library})
    add_dependencies(${name} ${name}-library)
    target_link_options(${name} PRIVATE -Wl,-u,kernel_main -Wl,--gc-sections)
    target_link_libraries(${name} PRIVATE ${library})
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C LINK_DEPENDS ${library})
endfunction()

# The target x86_64-unknown-none is made for kernels. Where rustc has no library for it, the
# host's does: its precompiled part may use SSE and the red zone, which this kernel, that takes no
# interrupts, can live with.
function(find_rust_target out_target) # in the cache: the tests build a stub for it
    foreach(target x86_64-unknown-none x86_64-unknown-linux-gnu)
        execute_process(COMMAND ${BATON_RUSTC} --print target-libdir --target ${target}
            OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        file(GLOB core ${folder}/libcore-*.rlib)
        if(core)
            set(${out_target} ${target} CACHE INTERNAL "")
            return()
        endif()
    endforeach()
endfunction()

# add_rust_sample(NAME SOURCE [MORE-SOURCES...]): the others are modules of the first.
function(add_rust_sample name source)
    set(library ${CMAKE_CURRENT_BINARY_DIR}/lib${name}.a)
    get_filename_component(source ${source} ABSOLUTE)
    add_custom_command(OUTPUT ${library}
        # It would look for make's jobs, which it was not given.
        COMMAND ${CMAKE_COMMAND} -E env --unset=MAKEFLAGS --unset=MFLAGS ${BATON_RUSTC}
            --edition 2021 --crate-type staticlib --target ${RUST_TARGET}
            -D warnings -C opt-level=2 -C panic=abort -C relocation-model=static -C no-redzone=yes
            -C force-unwind-tables=no -o ${library} ${source}
        DEPENDS ${source} ${ARGN} ${BOOTINFO_ABI_DIR}/rust/bootinfo.rs
        VERBATIM)
    add_library_sample(${name} ${library})
endfunction()

function(add_nim_sample name source)
    set(library ${CMAKE_CURRENT_BINARY_DIR}/lib${name}.a)
    set(options "-ffreestanding -fno-stack-protector -mno-red-zone -fno-pic -fno-pie")
    add_custom_command(OUTPUT ${library}
        COMMAND ${BATON_NIM} c --hints:off --os:standalone
            --cpu:amd64 --mm:none --noMain --app:staticlib -d:danger
            --path:${BOOTINFO_ABI_DIR}/nim --nimcache:${CMAKE_CURRENT_BINARY_DIR}/${name}.cache
            "--passC:${options} -fcf-protection=none -fno-asynchronous-unwind-tables"
            -o:${library} ${CMAKE_CURRENT_SOURCE_DIR}/${source}
        DEPENDS ${source} ${BOOTINFO_ABI_DIR}/nim/bootinfo.nim
        VERBATIM)
    add_library_sample(${name} ${library})
endfunction()

unset(RUST_TARGET CACHE)
if(BATON_RUSTC)
    find_rust_target(RUST_TARGET)
endif()
if(RUST_TARGET)
    add_rust_sample(hello-rust hello-rust/hello.rs)
else()
    message(STATUS "no rustc with its core library: the sample hello-rust is left out")
endif()
if(BATON_NIM)
    add_nim_sample(hello-nim hello-nim/hello.nim)
else()
    message(STATUS "no nim: the sample hello-nim is left out")
endif()
