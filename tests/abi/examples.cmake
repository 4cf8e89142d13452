# cmake -DROOT=... -DOUT=... -P examples.cmake: builds the examples of abi/ the way a kernel writer
# does, out of tree, with gcc and with clang.
function(run)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output
        ERROR_VARIABLE output)
    if(NOT result EQUAL 0 OR output MATCHES "warning")
        string(REPLACE ";" " " command "${ARGV}")
        message(FATAL_ERROR "${command}: exit status ${result}\n${output}")
    endif()
endfunction()

file(REMOVE_RECURSE ${OUT})
find_program(MAKE NAMES gmake make REQUIRED)
foreach(compiler gcc clang)
    file(COPY ${ROOT}/abi/examples/make/ DESTINATION ${OUT}/make-${compiler})
    run(${MAKE} -C ${OUT}/make-${compiler} ABI=${ROOT}/abi CC=${compiler})
    run(${CMAKE_COMMAND} -S ${ROOT}/abi/examples/cmake -B ${OUT}/cmake-${compiler}
        -DCMAKE_C_COMPILER=${compiler})
    run(${CMAKE_COMMAND} --build ${OUT}/cmake-${compiler})
endforeach()

# The same package by include(), another address, lld, and a setting that does not suit kernels.
file(WRITE ${OUT}/moved/CMakeLists.txt "
cmake_minimum_required(VERSION 3.16)
project(moved LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(${ROOT}/abi/cmake/BootInfoConfig.cmake)
bootinfo_add_kernel(kernel SOURCES ${ROOT}/abi/examples/make/kernel.c LOAD_ADDRESS 0x40000000)
target_link_options(kernel PRIVATE -fuse-ld=lld)
")
run(${CMAKE_COMMAND} -S ${OUT}/moved -B ${OUT}/moved -DCMAKE_C_COMPILER=clang)
run(${CMAKE_COMMAND} --build ${OUT}/moved)

# Both examples are the same kernel.
run(${CMAKE_COMMAND} -E compare_files ${ROOT}/abi/examples/make/kernel.c
    ${ROOT}/abi/examples/cmake/kernel.c)

# A package that is too old, or of another major, is not found.
foreach(version 1.999 2.0)
    file(WRITE ${OUT}/version/CMakeLists.txt "
cmake_minimum_required(VERSION 3.16)
project(version LANGUAGES NONE)
find_package(BootInfo ${version} REQUIRED PATHS ${ROOT}/abi/cmake NO_DEFAULT_PATH)
")
    execute_process(COMMAND ${CMAKE_COMMAND} -S ${OUT}/version -B ${OUT}/version/build
        RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
    if(result EQUAL 0)
        message(FATAL_ERROR "find_package(BootInfo ${version}) accepts this version")
    endif()
endforeach()
