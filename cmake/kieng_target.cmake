# kieng_library(NAME SOURCES a.cpp ... LINK lib ... TESTS a_test.cpp ...)
#
# One static library per folder, with the shared flags and the shared precompiled header, and beside it
# one doctest executable <NAME>_test when TESTS are named. Sources are listed, never globbed.
function(kieng_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINK;TESTS;TEST_LINK" ${ARGN})
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC kieng_flags ${arg_LINK})
    kieng_use_pch(${name})
    if(arg_TESTS)
        kieng_test(${name}_test SOURCES ${arg_TESTS} LINK ${name} ${arg_TEST_LINK})
    endif()
endfunction()

# kieng_test(NAME SOURCES a_test.cpp ... LINK lib ...): one doctest executable, registered with ctest.
function(kieng_test name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
    add_executable(${name} ${arg_SOURCES} ${CMAKE_SOURCE_DIR}/base/doctest_main.cpp)
    target_link_libraries(${name} PRIVATE ${arg_LINK} doctest::doctest)
    kieng_use_pch(${name})
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

function(kieng_use_pch name)
    if(KIENG_PCH AND TARGET kieng_pch)
        target_precompile_headers(${name} REUSE_FROM kieng_pch)
    endif()
endfunction()

# kieng_fuzz(NAME SOURCES a.cpp ... [LINK lib ...]): a libFuzzer target <NAME>_fuzz from <NAME>_fuzz.cpp of this folder. It compiles the
# pure sources it needs itself, because the fuzz preset builds nothing else.
function(kieng_fuzz name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
    if(NOT KIENG_FUZZ)
        return()
    endif()
    list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/)
    add_executable(${name}_fuzz ${name}_fuzz.cpp ${arg_SOURCES})
    target_include_directories(${name}_fuzz PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name}_fuzz PRIVATE kieng_fuzz_base ${arg_LINK})
    target_compile_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    add_dependencies(kieng_all_fuzz ${name}_fuzz)
endfunction()
