# What `cmake --install` gives: headers, both kinds of libraries, pkg-config files and the CMake package.
# Nothing in it knows the prefix, so the whole may be moved. Two components for packagers:
# caws_runtime (what programs need to run) and caws_development (what they need to be built).
include(CMakePackageConfigHelpers)
set(CAWS_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/caws)

# caws_install_library(name component include): as made by caws_add_library.
function(caws_install_library name component include)
    install(DIRECTORY ${include}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT caws_development FILES_MATCHING PATTERN *.h)
    foreach(kind static shared)
        set(target ${name})
        if(kind STREQUAL shared)
            set(target ${name}_shared)
        endif()
        install(TARGETS ${target} EXPORT caws-${component}-${kind}
            ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT caws_development
            LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT caws_runtime
                NAMELINK_COMPONENT caws_development
            INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
        install(EXPORT caws-${component}-${kind} NAMESPACE caws::
            FILE caws-${component}-${kind}-targets.cmake
            DESTINATION ${CAWS_INSTALL_CMAKEDIR} COMPONENT caws_development)
    endforeach()
endfunction()

# caws_install_pkg_config(name DESCRIPTION text [REQUIRES ...] [REQUIRES_PRIVATE ...] LIBS ...
#                         [LIBS_PRIVATE ...])
function(caws_install_pkg_config CAWS_PC_NAME)
    cmake_parse_arguments(PARSE_ARGV 1 CAWS_PC "" "DESCRIPTION"
        "REQUIRES;REQUIRES_PRIVATE;LIBS;LIBS_PRIVATE")
    list(TRANSFORM CAWS_PC_REQUIRES REPLACE "(>?=)" " \\1 ")
    list(TRANSFORM CAWS_PC_REQUIRES_PRIVATE REPLACE "(>?=)" " \\1 ")
    list(JOIN CAWS_PC_REQUIRES ", " CAWS_PC_REQUIRES)
    list(JOIN CAWS_PC_REQUIRES_PRIVATE ", " CAWS_PC_REQUIRES_PRIVATE)
    list(JOIN CAWS_PC_LIBS " " CAWS_PC_LIBS)
    list(JOIN CAWS_PC_LIBS_PRIVATE " " CAWS_PC_LIBS_PRIVATE)
    set(CAWS_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
    set(CAWS_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
    file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
    string(REGEX REPLACE "/$" "" CAWS_PC_PREFIX "\${pcfiledir}/${up}")
    # A packager may ask for folders outside of the prefix; those cannot be moved.
    if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
        set(CAWS_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
        set(CAWS_PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
    endif()
    if(IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
        set(CAWS_PC_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
    endif()
    configure_file(${CAWS_CMAKE_DIR}/caws.pc.in pkgconfig/${CAWS_PC_NAME}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pkgconfig/${CAWS_PC_NAME}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT caws_development)
endfunction()

# The CMake package itself. A 0.x promises nothing to the next 0.y.
function(caws_install_package)
    set(compatibility SameMajorVersion)
    if(PROJECT_VERSION_MAJOR EQUAL 0)
        set(compatibility SameMinorVersion)
    endif()
    write_basic_package_version_file(caws-config-version.cmake COMPATIBILITY ${compatibility})
    install(FILES ${CAWS_CMAKE_DIR}/caws-config.cmake ${CAWS_CMAKE_DIR}/caws-dependencies.cmake
            ${CMAKE_CURRENT_BINARY_DIR}/caws-config-version.cmake
        DESTINATION ${CAWS_INSTALL_CMAKEDIR} COMPONENT caws_development)
    install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT caws_license)
endfunction()
