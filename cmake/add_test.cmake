# ordo: how a test file becomes a test.
# SPDX-License-Identifier: BSL-1.0

# Every test includes Boost.Test and nearly every one Asio, which is most of what compiling it costs. Both are compiled
# once, here; what else a test needs it includes itself. The object library also brings main(). main.cpp does without the
# precompiled header, because it asks Boost.Test for a main() with a macro that must stand before Boost.Test's header;
# but CMake makes one only for a source that uses it.
file(CONFIGURE OUTPUT precompile.cpp CONTENT "// What the precompiled header of the tests is made for.\n")
add_library(ordo_test_main OBJECT main.cpp ${CMAKE_CURRENT_BINARY_DIR}/precompile.cpp)
set_source_files_properties(main.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
target_link_libraries(ordo_test_main PUBLIC ordo::ordo ordo::testing Boost::unit_test_framework spdlog::spdlog)
target_compile_definitions(ordo_test_main PUBLIC BOOST_TEST_DYN_LINK)
target_precompile_headers(ordo_test_main PRIVATE
    <boost/asio.hpp> <boost/test/unit_test.hpp> <chrono> <functional> <memory> <string> <vector>)
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize") # sanitizers have a pthread_create of their own
    target_sources(ordo_test_main PRIVATE thread_watch.cpp)
    set_source_files_properties(thread_watch.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # Else the time of its making is part of the header, and ccache never sees the same one twice.
    target_compile_options(ordo_test_main PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Else the preprocessed text that ccache compares does not name the precompiled header.
    target_compile_options(ordo_test_main PUBLIC -fpch-preprocess)
endif()
ordo_warnings(ordo_test_main)

# ordo_add_test(name [THREADS] [LABEL label] [LIBS library...])
#
# Builds name.cpp, which stands in the current folder, and runs it as the CTest `name`; the name may contain slashes.
# Links ordo::ordo, ordo::testing and Boost.Test. A test that exits with 77 counts as skipped. One with the label soak runs
# only if CTest is given the configuration `soak`, as the test preset soak does.
#
# THREADS says that more than one thread runs in it. A test without it has nothing to show to the thread sanitizer and is
# left out there, by ORDO_UNIT_TESTS; should it start a thread all the same, it fails.
function(ordo_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "THREADS" "LABEL" "LIBS")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "ordo_add_test(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
    endif()

    string(REPLACE "/" "_" target "test_${name}")
    add_executable(${target} ${name}.cpp)
    target_link_libraries(${target} PRIVATE ordo_test_main ${arg_LIBS})
    target_precompile_headers(${target} REUSE_FROM ordo_test_main)
    ordo_warnings(${target})

    # Boost.Test leaves crashes to the sanitizers, whose reports say more.
    set(only)
    if(arg_LABEL STREQUAL "soak")
        set(only CONFIGURATIONS soak)
    endif()
    add_test(NAME ${name} COMMAND ${target} --catch_system_errors=no --color_output=no ${only})
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 LABELS "${arg_LABEL}")
    if(NOT arg_THREADS)
        set_property(TEST ${name} PROPERTY ENVIRONMENT ORDO_TEST_HAS_ONE_THREAD=1)
    endif()
    if(ORDO_UNIT_TESTS STREQUAL "none" OR (ORDO_UNIT_TESTS STREQUAL "threads" AND NOT arg_THREADS))
        set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
        set_tests_properties(${name} PROPERTIES DISABLED ON)
    endif()
endfunction()
