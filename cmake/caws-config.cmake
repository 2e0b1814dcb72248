# find_package(caws COMPONENTS logs): caws::logs, which brings caws::caws, the runtime. Without
# COMPONENTS: every service that is installed.
#
# caws::logs is the shared library, or the static one if CAWS_USE_STATIC_LIBS is true at the first
# find_package. caws::logs_shared and caws::logs_static name one of them whatever that says.

# Fails the find_package in the way that makes CMake print the reason.
macro(caws_not_found reason)
    set(caws_FOUND FALSE)
    set(caws_NOT_FOUND_MESSAGE "${reason}")
    return()
endmacro()

file(GLOB caws_installed RELATIVE ${CMAKE_CURRENT_LIST_DIR}
    ${CMAKE_CURRENT_LIST_DIR}/caws-*-shared-targets.cmake)
list(TRANSFORM caws_installed REPLACE "^caws-(.*)-shared-targets\\.cmake$" "\\1")
list(REMOVE_ITEM caws_installed caws)
set(caws_wanted ${caws_FIND_COMPONENTS})
if(NOT caws_wanted)
    set(caws_wanted ${caws_installed})
endif()

# Only the static libraries leave their dependencies to the program.
include(${CMAKE_CURRENT_LIST_DIR}/caws-dependencies.cmake)
if(CAWS_USE_STATIC_LIBS AND NOT caws_dependencies_found)
    list(JOIN caws_dependencies ", " caws_dependencies)
    caws_not_found("static caws needs what pkg-config knows as ${caws_dependencies}")
endif()

set(caws_kind shared)
if(CAWS_USE_STATIC_LIBS)
    set(caws_kind static)
endif()
foreach(caws_component IN LISTS caws_wanted)
    set(caws_${caws_component}_FOUND FALSE)
    if(caws_component IN_LIST caws_installed)
        set(caws_${caws_component}_FOUND TRUE)
    elseif(caws_FIND_REQUIRED_${caws_component})
        list(JOIN caws_installed ", " caws_installed)
        caws_not_found("no component \"${caws_component}\" is installed; there are: ${caws_installed}")
    endif()
endforeach()
foreach(caws_component IN ITEMS caws LISTS caws_wanted)
    if(caws_component STREQUAL "caws" OR caws_${caws_component}_FOUND)
        include(${CMAKE_CURRENT_LIST_DIR}/caws-${caws_component}-shared-targets.cmake)
        if(caws_dependencies_found)
            include(${CMAKE_CURRENT_LIST_DIR}/caws-${caws_component}-static-targets.cmake)
        endif()
        if(NOT TARGET caws::${caws_component})
            add_library(caws::${caws_component} ALIAS caws::${caws_component}_${caws_kind})
        endif()
    endif()
endforeach()
