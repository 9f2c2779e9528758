# ordo: how a sample is built, and held to the output it promises.
# SPDX-License-Identifier: BSL-1.0

# ordo_add_sample(name [NO_OUTPUT_CHECK] [LIBS library...])
#
# Builds name.cpp, which stands in the current folder, and runs it as the CTest `sample.name`. What it prints must be
# what its head comment says:
#
#   // Output:
#   //   a line, after three spaces
#   //   another
#
# If the comment also shows the same program `In Python:`, that is run too, as the CTest `sample.name.python`, and must
# print the same.
#
# NO_OUTPUT_CHECK only builds: for servers, which do not end by themselves.
function(ordo_add_sample name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "NO_OUTPUT_CHECK" "" "LIBS")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "ordo_add_sample(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
    endif()

    add_executable(${name} ${name}.cpp)
    target_link_libraries(${name} PRIVATE ordo::ordo ${arg_LIBS})
    ordo_warnings(${name})

    if(NOT arg_NO_OUTPUT_CHECK)
        add_test(NAME sample.${name}
            COMMAND ${CMAKE_COMMAND} -D program=$<TARGET_FILE:${name}>
                -D source=${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp
                -P ${PROJECT_SOURCE_DIR}/cmake/check_output.cmake)
        set_tests_properties(sample.${name} PROPERTIES LABELS sample)
        file(STRINGS ${name}.cpp twin REGEX "^// In Python")
        if(twin)
            add_test(NAME sample.${name}.python
                COMMAND ${CMAKE_COMMAND} -D twin=${CMAKE_CURRENT_BINARY_DIR}/${name}.py
                    -D source=${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp
                    -P ${PROJECT_SOURCE_DIR}/cmake/check_output.cmake)
            set_tests_properties(sample.${name}.python PROPERTIES LABELS sample)
        endif()
    endif()
endfunction()
