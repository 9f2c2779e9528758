# ordo: cmake -D program=…|twin=… -D source=… -P check_output.cmake: does the program print what its source promises?
# SPDX-License-Identifier: BSL-1.0
#
# The promise is the block of the source that add_sample.cmake describes; a lone `//` in it is an empty line. Only
# standard output counts, and not how many empty lines end it. With `twin` it is not the program that is run, but the
# Python that the source shows, which is written to that file.
cmake_minimum_required(VERSION 3.25)

file(READ "${source}" text)
if(NOT text MATCHES "\n// Output:((\n//   [^\n]*|\n//)+)\n")
    message(FATAL_ERROR "${source}: no `// Output:` with lines `//   …` below it")
endif()
string(REGEX REPLACE "\n//(   )?" "\n" expected "${CMAKE_MATCH_1}")
string(REGEX REPLACE "^\n|\n+$" "" expected "${expected}")

set(command "${program}")
if(twin)
    string(REGEX MATCH "\n// In Python[^\n]*:\n((//   [^\n]*\n|//\n)+)// Output:" found "${text}")
    string(REGEX REPLACE "(^|\n)//(   )?" "\\1" script "${CMAKE_MATCH_1}")
    file(WRITE "${twin}" "${script}")
    set(command python3 "${twin}")
endif()
execute_process(COMMAND ${command} OUTPUT_VARIABLE printed ERROR_VARIABLE errors RESULT_VARIABLE result)
string(REGEX REPLACE "\n+$" "" printed "${printed}")

if(NOT "${result}" STREQUAL "0" OR NOT "${printed}" STREQUAL "${expected}")
    message(NOTICE "--- expected\n${expected}\n--- printed\n${printed}\n--- standard error\n${errors}")
    message(FATAL_ERROR "ended with ${result}, and perhaps printed something else than its source promises")
endif()
