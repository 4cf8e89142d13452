# For the projects of small EFI applications (tests, benchmark), which are configured with
# loader/toolchain-x86_64.cmake. Included after project().
set(GNU_EFI_INCLUDE_DIR /usr/include/efi CACHE PATH "gnu-efi's headers")
set(CMAKE_C_FLAGS_RELEASE -O2)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
include(${CMAKE_CURRENT_LIST_DIR}/../loader/warnings.cmake)

# efi_application(NAME sources...): NAME.EFI, which begins at efi_main.
function(efi_application name)
    add_executable(${name} ${ARGN})
    target_compile_options(${name} PRIVATE
        ${BATON_WARNINGS} -Werror -ffreestanding -fno-stack-protector -fno-builtin -mno-red-zone
        -mno-stack-arg-probe)
    target_compile_definitions(${name} PRIVATE GNU_EFI_USE_MS_ABI)
    # CMake has no flag for system folders where clang builds for Windows.
    target_compile_options(${name} PRIVATE
        "SHELL:-isystem \"${GNU_EFI_INCLUDE_DIR}\""
        "SHELL:-isystem \"${GNU_EFI_INCLUDE_DIR}/x86_64\"")
    target_link_options(${name} PRIVATE
        -Wl,-subsystem:efi_application -Wl,-entry:efi_main -Wl,-dynamicbase -Wl,-nxcompat
        -Wl,-Brepro)
endfunction()
