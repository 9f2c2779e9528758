# ordo: finds out whether the compiler miscompiles co_await, as g++ 12 does.
# SPDX-License-Identifier: BSL-1.0
#
# Sets ORDO_BROKEN_COROUTINE_TEMPORARIES to ON or OFF. The build goes on in either case: code that gives such
# temporaries a name first is safe. When cross-compiling the program cannot run, and the compiler is taken to be right.
if(CMAKE_CROSSCOMPILING)
    set(ORDO_COROUTINE_PROBE_EXIT_CODE 0)
elseif(NOT DEFINED ORDO_COROUTINE_PROBE_EXIT_CODE)
    # The exit code is cached by try_run, the shapes here; a new compiler starts from an empty cache.
    message(CHECK_START "Checking how co_await is compiled")
    try_run(ORDO_COROUTINE_PROBE_EXIT_CODE ORDO_COROUTINE_PROBE_COMPILED
        SOURCES ${CMAKE_CURRENT_LIST_DIR}/coroutine_probe.cpp
        CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
        WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} # where a profiling build leaves its file
        COMPILE_OUTPUT_VARIABLE _ordo_compiler_output
        RUN_OUTPUT_VARIABLE _ordo_shapes)
    string(STRIP "${_ordo_shapes}" _ordo_shapes)
    string(REPLACE "\n" ";" _ordo_shapes "${_ordo_shapes}") # a cache entry is one line
    set(ORDO_COROUTINE_PROBE_SHAPES "${_ordo_shapes}" CACHE INTERNAL "co_await expressions that go wrong")
    if(NOT ORDO_COROUTINE_PROBE_COMPILED)
        message(CHECK_FAIL "does not compile")
        message(FATAL_ERROR "ordo needs a compiler with C++20 coroutines:\n${_ordo_compiler_output}")
    elseif(ORDO_COROUTINE_PROBE_EXIT_CODE EQUAL 0)
        message(CHECK_PASS "right")
    elseif(ORDO_COROUTINE_PROBE_EXIT_CODE EQUAL 1)
        message(CHECK_FAIL "wrong")
    else()
        message(CHECK_FAIL "the program that checks did not run (${ORDO_COROUTINE_PROBE_EXIT_CODE})")
    endif()
endif()

if(ORDO_COROUTINE_PROBE_EXIT_CODE STREQUAL "1")
    set(ORDO_BROKEN_COROUTINE_TEMPORARIES ON)
    list(JOIN ORDO_COROUTINE_PROBE_SHAPES "\n    " _ordo_shapes)
    message(WARNING
        "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} miscompiles co_await: temporaries of the expression are "
        "destroyed twice, and code is left out. It goes wrong with\n"
        "    ${_ordo_shapes}\n"
        "Name temporaries first, `auto job = [s] { … }; co_await loop.run_in_executor(job);`, and conditions too; or "
        "use clang 16 or later. ORDO_BROKEN_COROUTINE_TEMPORARIES is defined.")
else()
    set(ORDO_BROKEN_COROUTINE_TEMPORARIES OFF)
endif()
