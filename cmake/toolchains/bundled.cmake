# This machine's own compiler and glibc, and all other libraries inside the programs.
set(target bundled)
include(${CMAKE_CURRENT_LIST_DIR}/own_libraries.cmake)

set(CMAKE_C_COMPILER gcc)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--gc-sections")
