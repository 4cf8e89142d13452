# cmake --install and cpack. What is installed finds its parts relative to itself: the tree can be
# moved. The kit (abi/) stays one folder, as in the clone: share/baton/abi.
include(GNUInstallDirs)
set(BATON_INSTALL_DATA ${CMAKE_INSTALL_DATADIR}/baton)
set(BATON_INSTALL_ABI ${BATON_INSTALL_DATA}/abi)
# What is installed has been built: "install" does not begin to build the rest.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY TRUE)

install(FILES ${CMAKE_BINARY_DIR}/BOOTX64.EFI ${CMAKE_BINARY_DIR}/BOOTX64.debug.EFI
    ${CMAKE_BINARY_DIR}/ENROLL.EFI
    DESTINATION ${BATON_INSTALL_DATA})
foreach(adapter multiboot limine linux) # 'adapter = NAME' in loader.cfg; baton looks for them there
    install(FILES ${CMAKE_BINARY_DIR}/kernels/${adapter}.bin
        DESTINATION ${BATON_INSTALL_DATA}/kernels)
endforeach()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/abi/ DESTINATION ${BATON_INSTALL_ABI})
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/README.md
    DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET baton)
    # Its debug information would name the folders of who built it.
    install(TARGETS baton RUNTIME)
    set(installed "\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/baton")
    install(CODE "execute_process(COMMAND \"${CMAKE_STRIP}\" \"${installed}\"
        COMMAND_ERROR_IS_FATAL ANY)")
    # What it makes projects of, and the memory maps that it tries kernels on.
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/tools/baton/templates DESTINATION ${BATON_INSTALL_DATA})
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/tests/maps DESTINATION ${BATON_INSTALL_DATA}
        FILES_MATCHING PATTERN "ovmf-*.map")
    # Man page and completions. Debian's zsh does not look into site-functions.
    install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR})
    install(FILES ${CMAKE_BINARY_DIR}/share/zsh/site-functions/_baton
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
endif()

# find_package(BootInfo) looks in share/cmake/BootInfo: there are two files that include the kit's own.
set(package ${CMAKE_INSTALL_DATADIR}/cmake/BootInfo)
file(RELATIVE_PATH kit /${package} /${BATON_INSTALL_ABI})
foreach(file BootInfoConfig BootInfoConfigVersion)
    file(WRITE ${CMAKE_BINARY_DIR}/package/${file}.cmake
        "include(\"\${CMAKE_CURRENT_LIST_DIR}/${kit}/cmake/${file}.cmake\")\n")
    install(FILES ${CMAKE_BINARY_DIR}/package/${file}.cmake DESTINATION ${package})
endforeach()

# pkg-config --cflags bootinfo; --variable=abidir: where linker scripts and bindings are.
file(STRINGS ${CMAKE_SOURCE_DIR}/abi/bootinfo.h numbers REGEX "^#define BOOTINFO_VERSION_M[A-Z]+ ")
string(REGEX REPLACE "^.*MAJOR ([0-9]+).*MINOR ([0-9]+).*$" "\\1.\\2" abi_version "${numbers}")
file(RELATIVE_PATH prefix /${CMAKE_INSTALL_DATADIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" prefix "${prefix}")
file(WRITE ${CMAKE_BINARY_DIR}/package/bootinfo.pc "\
prefix=\${pcfiledir}/${prefix}
abidir=\${prefix}/${BATON_INSTALL_ABI}
linker_script=\${abidir}/kernel.ld
higher_half_linker_script=\${abidir}/kernel-higher-half.ld

Name: bootinfo
Description: What the boot loader Baton hands to a kernel: headers, linker scripts, bindings
Version: ${abi_version}
Cflags: -I\${abidir}
")
install(FILES ${CMAKE_BINARY_DIR}/package/bootinfo.pc
    DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)

# cpack makes a .deb and a .tar.gz. With SOURCE_DATE_EPOCH in the environment, the same files make
# the same packages: CPack takes it for the .deb's own entries, reproducible.cmake for all others. CPack's
# TGZ has the names of who built it, so that pack_tar.cmake makes the archive.
set(CPACK_PACKAGE_NAME baton)
set(CPACK_PACKAGE_VENDOR "The Baton authors")
set(CPACK_PACKAGE_CONTACT "The Baton authors <baton@invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "UEFI boot loader for kernels of your own")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_FILE_NAME baton-${PROJECT_VERSION})
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_GENERATOR DEB External)
set(CPACK_STRIP_FILES OFF)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/reproducible.cmake)
set(CPACK_EXTERNAL_ENABLE_STAGING ON)
set(CPACK_EXTERNAL_PACKAGE_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/pack_tar.cmake)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
# With what "baton new k && cd k && make run" starts: the package alone is enough for a first kernel.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "binutils, gcc, make, mtools, ovmf, qemu-system-x86")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gdb, xorriso")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "cargo, cmake, efitools, g++, meson, nasm, nim, openssl, sbsigntool, swtpm")
find_program(BATON_SHLIBDEPS dpkg-shlibdeps)
if(TARGET baton AND BATON_SHLIBDEPS)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
elseif(TARGET baton)
    string(APPEND CPACK_DEBIAN_PACKAGE_DEPENDS ", libc6, libcjson1, zlib1g")
endif()
include(CPack)
