# This machine's own processor with musl instead of glibc, and programs that are static throughout.
set(target musl)
include(${CMAKE_CURRENT_LIST_DIR}/own_libraries.cmake)

set(CMAKE_C_COMPILER musl-gcc)
# The kernel's headers, which belong to no C library.
set(CMAKE_C_FLAGS_INIT "-idirafter ${prefix}/kernel")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,--gc-sections")
