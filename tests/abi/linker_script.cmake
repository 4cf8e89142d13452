# cmake -DROOT=... -DOUT=... -P linker_script.cmake: abi/kernel.ld with both linkers, and the errors
# it promises.
file(REMOVE_RECURSE ${OUT})
file(MAKE_DIRECTORY ${OUT})
set(script ${ROOT}/abi/kernel.ld)
set(flags -I${ROOT}/abi -ffreestanding -fno-pic -fno-stack-protector -Wall -Wextra -Werror)

function(compile compiler source object)
    execute_process(COMMAND ${compiler} ${flags} ${ARGN} -c ${source} -o ${OUT}/${object}
        COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(assemble object text)
    file(WRITE ${OUT}/${object}.S "${text}\n")
    compile(gcc ${OUT}/${object}.S ${object})
endfunction()

# link(expected-in-the-error-or-empty argument...). Arguments come before -T.
function(link expected)
    foreach(linker ld.bfd ld.lld)
        execute_process(
            COMMAND ${linker} -z noexecstack -z max-page-size=4096 ${ARGN} -T ${script}
                -o ${OUT}/kernel.elf
            RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
        if(expected STREQUAL "" AND (NOT result EQUAL 0 OR NOT output STREQUAL ""))
            message(SEND_ERROR "${linker} ${ARGN}: exit status ${result}\n${output}")
        elseif(NOT expected STREQUAL "" AND (result EQUAL 0 OR NOT output MATCHES "${expected}"))
            message(SEND_ERROR "${linker} ${ARGN}: '${expected}' is not the error:\n${output}")
        endif()
    endforeach()
endfunction()

set(here ${CMAKE_CURRENT_LIST_DIR})
foreach(level -O0 -O2)
    foreach(compiler gcc clang)
        compile(${compiler} ${here}/header.c c.o ${level})
        link("" ${OUT}/c.o)
        compile(${compiler} ${here}/header.S assembly.o ${level})
        link("" ${OUT}/assembly.o)
    endforeach()
    foreach(compiler g++ clang++)
        compile(${compiler} ${here}/header.cpp cpp.o -std=c++17 ${level})
        link("" ${OUT}/cpp.o)
        execute_process(COMMAND nm ${OUT}/cpp.o OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
        if(symbols MATCHES "GLOBAL__sub_I|__cxx_global_var_init")
            message(SEND_ERROR "${compiler} ${level} makes the kernel header in a constructor")
        endif()
    endforeach()
endforeach()

link("not a multiple of 4096" --defsym=bootinfo_load_address=0x100800 ${OUT}/c.o)
link("more than one kernel header" --allow-multiple-definition ${OUT}/c.o ${OUT}/assembly.o)
assemble(nothing.o ".globl nothing\nnothing: hlt")
link("nothing says where the kernel begins" ${OUT}/nothing.o)
assemble(late.o ".section .text.entry, \"ax\"\n.skip 4064")
link("does not end in the first 4 KiB" ${OUT}/late.o ${OUT}/c.o)

# Without a header, .text.entry will do.
assemble(bare.o ".section .text.entry, \"ax\"\n.globl _start\n_start: hlt")
link("" ${OUT}/bare.o)
