# Big-endian, 64 bits: IBM Z.
set(target s390x)
set(processor s390x)
set(triplet s390x-linux-gnu)
set(compiler s390x-linux-gnu)
set(emulator qemu-s390x -L ${CMAKE_CURRENT_LIST_DIR}/../../build/port/s390x/root)
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
