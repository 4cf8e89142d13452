# efi_project(NAME): the project in the folder efi/, built for UEFI as an external project.
include(ExternalProject)

function(efi_project name)
    ExternalProject_Add(${name}
        SOURCE_DIR ${CMAKE_CURRENT_SOURCE_DIR}/efi
        BINARY_DIR ${CMAKE_CURRENT_BINARY_DIR}/efi
        CMAKE_ARGS
            -DCMAKE_TOOLCHAIN_FILE=${CMAKE_SOURCE_DIR}/loader/toolchain-x86_64.cmake
            -DCMAKE_BUILD_TYPE=Release
        BUILD_ALWAYS ON
        INSTALL_COMMAND "")
endfunction()
