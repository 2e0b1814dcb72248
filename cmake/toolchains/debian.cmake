# What the toolchains of Debian's architectures share. The file that includes this one sets target (its
# own name, and that of its folder in build/port), triplet, processor and emulator: the program that
# runs programs of the target, with its first arguments. The headers and libraries are Debian's packages,
# unpacked by tests/port/port.py into a root that the system of the machine does not see.
get_filename_component(port_root
    ${CMAKE_CURRENT_LIST_DIR}/../../build/port/${target}/root ABSOLUTE)
if(NOT EXISTS ${port_root}/usr/include)
    message(FATAL_ERROR "${port_root}: nothing is unpacked there yet; ./dev port ${target} does it")
endif()

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${processor})
set(CMAKE_C_COMPILER ${compiler}-gcc)
set(CMAKE_SYSROOT ${port_root})
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})
set(CMAKE_CROSSCOMPILING_EMULATOR ${emulator})
foreach(kind LIBRARY INCLUDE PACKAGE)
    set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_DIR})
set(ENV{PKG_CONFIG_PATH})
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${port_root})
set(ENV{PKG_CONFIG_LIBDIR} ${port_root}/usr/lib/${triplet}/pkgconfig:${port_root}/usr/share/pkgconfig)
