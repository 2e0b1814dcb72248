# This machine's own processor with musl instead of glibc, and programs that are static throughout.
# Debian has no libraries for musl: tests/port/port.py compiles those that caws needs into prefix.
get_filename_component(prefix ${CMAKE_CURRENT_LIST_DIR}/../../build/port/musl/prefix ABSOLUTE)
if(NOT EXISTS ${prefix}/lib/libcurl.a)
    message(FATAL_ERROR "${prefix}: there is no libcurl.a yet; ./dev port musl makes it")
endif()

set(CMAKE_C_COMPILER musl-gcc)
# The kernel's headers, which belong to no C library.
set(CMAKE_C_FLAGS_INIT "-idirafter ${prefix}/kernel")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,--gc-sections")
set(CMAKE_FIND_ROOT_PATH ${prefix})
foreach(kind LIBRARY INCLUDE PACKAGE)
    set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_PATH})
set(ENV{PKG_CONFIG_LIBDIR} ${prefix}/lib/pkgconfig)
set(PKG_CONFIG_ARGN --static) # what libcurl needs, too
