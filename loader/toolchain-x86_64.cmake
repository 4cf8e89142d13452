# Native UEFI images: clang for the Windows ABI (no red zone, no stack canary) and lld-link.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER clang)
set(CMAKE_ASM_COMPILER clang)
set(BATON_TARGET --target=x86_64-unknown-windows)
set(CMAKE_C_FLAGS_INIT ${BATON_TARGET})
set(CMAKE_ASM_FLAGS_INIT ${BATON_TARGET})
# CMAKE_C_COMPILER_TARGET alone does not reach the link line with Generic (CMake 3.25).
set(CMAKE_EXE_LINKER_FLAGS_INIT "${BATON_TARGET} -fuse-ld=lld -nostdlib")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXECUTABLE_SUFFIX_C .EFI)
# CMake 3.25 leaves these empty for clang in MSVC's place: then Ninja does not see changed headers.
set(CMAKE_DEPFILE_FLAGS_C "-MD -MT <DEP_TARGET> -MF <DEP_FILE>")
set(CMAKE_DEPFILE_FLAGS_ASM "-MD -MT <DEP_TARGET> -MF <DEP_FILE>")
