# Little-endian, 32 bits, with doubles that are calculated in 80 bits: x86 from the Pentium Pro on.
set(target i386)
set(processor i686)
set(triplet i386-linux-gnu)
set(compiler i686-linux-gnu)
# Processors of x86-64 run it themselves where the kernel lets them.
set(root ${CMAKE_CURRENT_LIST_DIR}/../../build/port/i386/root)
set(emulator ${root}/lib/ld-linux.so.2
    --library-path ${root}/lib/i386-linux-gnu:${root}/usr/lib/i386-linux-gnu)
execute_process(COMMAND ${root}/lib/ld-linux.so.2 --version
    RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
if(NOT status EQUAL 0)
    set(emulator qemu-i386 -L ${root})
endif()
include(${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
