# CAWS_HARDENING: what the compiler and the linker can do against mistakes in memory that are there all
# the same. Each flag only where it is known; the figures are what it adds to the text of libcaws.so with
# gcc 12 on x86-64 (libcaws_logs.so, which is tables, grows by 700 bytes of the last only).
include(CheckCCompilerFlag)
include(CheckLinkerFlag)
include(CheckSourceCompiles)

add_library(caws_hardening INTERFACE)

# caws_harden(flag): if the compiler knows it without a warning, which -Werror would make an error.
function(caws_harden flag)
    string(MAKE_C_IDENTIFIER "CAWS_HAS${flag}" known)
    set(CMAKE_REQUIRED_FLAGS -Werror)
    check_c_compiler_flag(${flag} ${known})
    if(${known})
        target_compile_options(caws_hardening INTERFACE ${flag})
    endif()
endfunction()

# caws_harden_link(flag): likewise, of the linker.
function(caws_harden_link flag)
    string(MAKE_C_IDENTIFIER "CAWS_LINKER_HAS${flag}" known)
    check_linker_flag(C ${flag} ${known})
    if(${known})
        target_link_options(caws_hardening INTERFACE ${flag})
    endif()
endfunction()

# A sanitizer does more than these, and gets in their way.
if(CAWS_HARDENING AND NOT CMAKE_C_FLAGS MATCHES "-fsanitize")
    caws_harden(-fstack-protector-strong) # 7.5 KB
    caws_harden(-fstack-clash-protection) # 10 bytes
    caws_harden(-fcf-protection=full)     # 1.2 KB; x86 only
    caws_harden(-mbranch-protection=standard) # the same on 64-bit ARM
    # Checked calls of the C library: 0.7 KB. They need an optimizer; level 3 a glibc from 2.34, which
    # warns if the compiler is too old for it.
    set(CMAKE_REQUIRED_FLAGS "-Werror -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
    check_source_compiles(C "#include <string.h>
        int main(void) { return (int)strlen(\"\"); }" CAWS_LIBC_HAS_FORTIFY_3)
    unset(CMAKE_REQUIRED_FLAGS)
    set(level 2)
    if(CAWS_LIBC_HAS_FORTIFY_3)
        set(level 3)
    endif()
    target_compile_options(caws_hardening INTERFACE
        $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE>
        $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-D_FORTIFY_SOURCE=${level}>)

    # All symbols are bound at the start, and the tables of their addresses are read-only from then on.
    caws_harden_link(-Wl,-z,relro)
    caws_harden_link(-Wl,-z,now)
    caws_harden_link(-Wl,-z,noexecstack)

    if(PROJECT_IS_TOP_LEVEL) # elsewhere programs are not ours
        include(CheckPIESupported)
        check_pie_supported(LANGUAGES C)
        set(CMAKE_POSITION_INDEPENDENT_CODE ON)
    endif()
endif()
