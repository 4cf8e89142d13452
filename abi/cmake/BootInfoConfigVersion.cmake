# The version of the ABI, from the header itself. Compatible: the same major, a minor not above ours.
file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../bootinfo.h" lines
    REGEX "^#define BOOTINFO_VERSION_(MAJOR|MINOR) ")
string(REGEX REPLACE "^.*MAJOR ([0-9]+).*MINOR ([0-9]+).*$" "\\1.\\2" PACKAGE_VERSION "${lines}")

string(REGEX REPLACE "\\..*" "" major "${PACKAGE_VERSION}")
if(NOT PACKAGE_FIND_VERSION_MAJOR EQUAL major OR PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
    set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
    if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
        set(PACKAGE_VERSION_EXACT TRUE)
    endif()
endif()
