# Debian packages, made by `cpack` (or the target `package`): libcaws0 and libcaws-dev.
set(runtime_package libcaws${CAWS_ABI})

# Debian wants the licence in each package's own folder; only packages get these copies.
foreach(pair ${runtime_package}:caws_runtime libcaws-dev:caws_development)
    string(REPLACE ":" ";" pair ${pair})
    list(GET pair 0 package)
    list(GET pair 1 component)
    install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} RENAME copyright
        COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR caws)
if(NOT CPACK_PACKAGE_CONTACT) # whoever builds the package; Debian wants an address
    set(CPACK_PACKAGE_CONTACT "caws <root@localhost>")
endif()
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL caws_runtime caws_development)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_CAWS_RUNTIME_PACKAGE_NAME ${runtime_package})
set(CPACK_DEBIAN_CAWS_RUNTIME_DESCRIPTION "AWS client library for C, shared libraries
Typed C functions for AWS operations over a small runtime that validates,
encodes, signs, sends and decodes.")
set(CPACK_DEBIAN_CAWS_RUNTIME_PACKAGE_SHLIBDEPS ON)
# dpkg-shlibdeps sees the symbols of the C library that are used, not that packed relocations are.
if(CAWS_LIBC_HAS_RELR AND CAWS_LINKER_HAS_RELR)
    set(CPACK_DEBIAN_CAWS_RUNTIME_PACKAGE_DEPENDS "libc6 (>= 2.36)")
endif()

set(CPACK_DEBIAN_CAWS_DEVELOPMENT_PACKAGE_NAME libcaws-dev)
set(CPACK_DEBIAN_CAWS_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_CAWS_DEVELOPMENT_DESCRIPTION "AWS client library for C, development files
Headers, static libraries, pkg-config files and the CMake package of caws.")
set(CPACK_DEBIAN_CAWS_DEVELOPMENT_PACKAGE_DEPENDS "${runtime_package} (= ${PROJECT_VERSION}), \
libcurl4-openssl-dev (>= 7.88) | libcurl-dev, libssl-dev (>= 3.0), libcjson-dev (>= 1.7.15)")
include(CPack)
