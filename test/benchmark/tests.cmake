# ordo: the tests of the benchmark: of its harness, that all peers do the same work, and how many instructions ordo needs.
# SPDX-License-Identifier: BSL-1.0
set(benchmark ${PROJECT_SOURCE_DIR}/test/benchmark)

add_test(NAME benchmark_harness COMMAND ${Python3_EXECUTABLE} -B -m unittest discover -s tests
    WORKING_DIRECTORY ${benchmark})

# These two are of the optimised program, which the harness builds in build/release. What it counts does not depend on the
# build that asks, so one kind of build is enough. The first time they compile the library, which takes minutes.
if(ORDO_BUILD_BENCHMARKS AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^19\\."
        AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize|-fcoverage-mapping")
    add_test(NAME benchmark_instructions COMMAND ${benchmark}/run --instructions)
    add_test(NAME benchmark_smoke COMMAND ${benchmark}/run --smoke)
    set_tests_properties(benchmark_instructions benchmark_smoke PROPERTIES
        RESOURCE_LOCK benchmark_build TIMEOUT 1800 SKIP_RETURN_CODE 77)
elseif(ORDO_BUILD_BENCHMARKS) # with a sanitizer, or another compiler
    add_test(NAME benchmark_smoke COMMAND ${benchmark}/run --smoke $<TARGET_FILE:ordo_benchmark>)
    set_tests_properties(benchmark_smoke PROPERTIES RUN_SERIAL ON)
endif()
