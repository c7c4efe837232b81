# Compiler and linker flags every target shares: warnings as errors, hardening, sanitizers, ccache.

set(KIENG_OPTIMISE "" CACHE STRING "Optimisation level for debug builds, for example -Og")
set(KIENG_SANITIZE "" CACHE STRING "Sanitizers to build with, for example address,undefined")
option(KIENG_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(KIENG_PCH "Use precompiled headers" ON)

find_program(KIENG_CCACHE ccache)
if(KIENG_CCACHE)
    # A precompiled header carries time stamps and macros ccache must be told to overlook.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${KIENG_CCACHE})
endif()

add_library(kieng_flags INTERFACE)
target_compile_options(kieng_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
    -Wswitch -Werror
    -fstack-protector-strong -fPIE
    $<$<CONFIG:Debug>:${KIENG_OPTIMISE}>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports these inside the standard library and Asio coroutines, not in our code.
    target_compile_options(kieng_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-mismatched-new-delete
        -Wno-dangling-pointer -Wno-stringop-overflow -Wno-array-bounds -fpch-preprocess)
endif()
if(KIENG_SANITIZE)
    target_compile_options(kieng_flags INTERFACE -fsanitize=${KIENG_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(kieng_flags INTERFACE -fsanitize=${KIENG_SANITIZE})
    if(KIENG_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # Asio's fences accompany locks that the sanitizer does see.
        target_compile_options(kieng_flags INTERFACE -Wno-tsan)
    endif()
    if(KIENG_SANITIZE MATCHES "undefined")
        target_compile_options(kieng_flags INTERFACE -fno-sanitize-recover=undefined)
    endif()
else()
    target_compile_definitions(kieng_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
endif()
if(KIENG_FUZZ)
    add_custom_target(kieng_all_fuzz)
endif()
target_link_options(kieng_flags INTERFACE -pie -Wl,-z,relro,-z,now)

target_compile_definitions(kieng_flags INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
    BOOST_BEAST_USE_STD_STRING_VIEW
    SPDLOG_FMT_EXTERNAL SPDLOG_COMPILED_LIB)
