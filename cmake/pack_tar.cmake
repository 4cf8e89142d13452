# Run by cpack's generator "External": the installed tree as NAME-VERSION.tar.gz, in the order of its
# names and of nobody.
set(archive ${CPACK_PACKAGE_DIRECTORY}/${CPACK_PACKAGE_FILE_NAME}.tar.gz)
execute_process(
    COMMAND tar -C ${CPACK_TEMPORARY_DIRECTORY}/usr --sort=name --owner=0 --group=0 --numeric-owner
        --format=ustar --transform=s,^\\.,${CPACK_PACKAGE_FILE_NAME}, -cf - .
    COMMAND gzip -9n
    OUTPUT_FILE ${archive}
    COMMAND_ERROR_IS_FATAL ANY)
set(CPACK_EXTERNAL_BUILT_PACKAGES ${archive})
