# How each library of caws is made: its sources are compiled once, as position-independent objects,
# and become a static and a shared library.
include(CheckLinkerFlag)
include(CheckSourceCompiles)

# Tables are full of pointers, which cost a shared library 24 bytes each at load time, or, packed, next
# to nothing: that halves a service. The C library must know them (glibc from 2.36).
check_source_compiles(C "#include <features.h>
    #if !__GLIBC_PREREQ(2, 36)
    #error
    #endif
    int main(void) { return 0; }" CAWS_LIBC_HAS_RELR)
check_linker_flag(C -Wl,-z,pack-relative-relocs CAWS_LINKER_HAS_RELR)
check_linker_flag(C "-Wl,--gc-sections,--as-needed" CAWS_LINKER_IS_GNU)

# caws_add_library(NAME name COMPONENT component SOURCES ... [INCLUDE dir] [PRIVATE_INCLUDE dir]
#                  [DEFINE ...] [PRIVATE library...] [PUBLIC name...])
# Makes the targets name (static) and name_shared, known as caws::component_static, _shared, and
# caws::component for the one that BUILD_SHARED_LIBS says. PUBLIC: names of other such libraries.
function(caws_add_library)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;COMPONENT;INCLUDE;PRIVATE_INCLUDE"
        "SOURCES;DEFINE;PRIVATE;PUBLIC")
    set(name ${arg_NAME})

    add_library(${name}_objects OBJECT ${arg_SOURCES})
    set_target_properties(${name}_objects PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${name}_objects PRIVATE ${arg_INCLUDE} ${arg_PRIVATE_INCLUDE})
    target_compile_definitions(${name}_objects PRIVATE ${arg_DEFINE})
    target_link_libraries(${name}_objects PRIVATE caws_build ${arg_PRIVATE})
    foreach(public IN LISTS arg_PUBLIC) # its headers; objects need not wait for its library
        target_include_directories(${name}_objects PRIVATE
            $<TARGET_PROPERTY:${public},INTERFACE_INCLUDE_DIRECTORIES>)
    endforeach()

    add_library(${name} STATIC $<TARGET_OBJECTS:${name}_objects>)
    add_library(${name}_shared SHARED $<TARGET_OBJECTS:${name}_objects>)
    target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    list(TRANSFORM arg_PUBLIC APPEND _shared OUTPUT_VARIABLE public_shared)
    target_link_libraries(${name}_shared PUBLIC ${public_shared} PRIVATE ${arg_PRIVATE})

    foreach(kind static shared)
        set(target ${name})
        if(kind STREQUAL shared)
            set(target ${name}_shared)
        endif()
        target_include_directories(${target} PUBLIC
            $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${arg_INCLUDE}>)
        set_target_properties(${target} PROPERTIES EXPORT_NAME ${arg_COMPONENT}_${kind})
        if(NOT CAWS_INSTALL) # part of another project, which builds what it links
            set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
        endif()
        add_library(caws::${arg_COMPONENT}_${kind} ALIAS ${target})
    endforeach()
    if(BUILD_SHARED_LIBS)
        add_library(caws::${arg_COMPONENT} ALIAS ${name}_shared)
    else()
        add_library(caws::${arg_COMPONENT} ALIAS ${name})
    endif()

    # Symbols are hidden but for CAWS_API; the script gives those the ABI's number.
    string(TOUPPER ${name}_${CAWS_ABI} CAWS_MAP_NODE)
    set(map ${CMAKE_CURRENT_BINARY_DIR}/${name}.map)
    configure_file(${CAWS_CMAKE_DIR}/exports.map.in ${map} @ONLY)
    set_target_properties(${name}_shared PROPERTIES
        OUTPUT_NAME ${name} VERSION ${PROJECT_VERSION} SOVERSION ${CAWS_ABI} LINK_DEPENDS ${map})
    if(CAWS_LINKER_IS_GNU)
        target_link_options(${name}_shared PRIVATE
            -Wl,--version-script=${map} -Wl,--gc-sections -Wl,--as-needed)
    endif()
    target_link_options(${name}_shared PRIVATE
        $<TARGET_PROPERTY:caws_hardening,INTERFACE_LINK_OPTIONS>)
    if(CAWS_LIBC_HAS_RELR AND CAWS_LINKER_HAS_RELR)
        target_link_options(${name}_shared PRIVATE -Wl,-z,pack-relative-relocs)
    endif()

    if(CAWS_INSTALL)
        caws_install_library(${name} ${arg_COMPONENT} ${arg_INCLUDE})
    endif()
endfunction()
