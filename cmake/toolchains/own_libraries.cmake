# libcurl, OpenSSL and cJSON as static libraries: tests/port/port.py compiles them into the prefix of
# the target, which the file that includes this one has set.
get_filename_component(prefix ${CMAKE_CURRENT_LIST_DIR}/../../build/port/${target}/prefix ABSOLUTE)
if(NOT EXISTS ${prefix}/lib/libcurl.a)
    message(FATAL_ERROR "${prefix}: there is no libcurl.a yet; ./dev port ${target} makes it")
endif()
set(CMAKE_FIND_ROOT_PATH ${prefix})
foreach(kind LIBRARY INCLUDE PACKAGE)
    set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_PATH})
set(ENV{PKG_CONFIG_LIBDIR} ${prefix}/lib/pkgconfig)
set(PKG_CONFIG_ARGN --static) # what libcurl needs, too
