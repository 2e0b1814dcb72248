# Little-endian, 64 bits, with a char that is unsigned: 64-bit ARM.
set(target aarch64)
set(processor aarch64)
set(triplet aarch64-linux-gnu)
set(compiler aarch64-linux-gnu)
set(emulator qemu-aarch64 -L ${CMAKE_CURRENT_LIST_DIR}/../../build/port/aarch64/root)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
