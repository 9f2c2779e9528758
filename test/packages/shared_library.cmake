# ordo: cmake -D prefix=… -D version=… -D abi=… -D nm=… -D readelf=… -P shared_library.cmake
# SPDX-License-Identifier: BSL-1.0
#
# Looks at the names of the shared library: its files, its SONAME, and what it exports.
#
# What only the library's own files know is hidden. Strong symbols are ordo's alone. Weak ones may also be of Asio, whose
# headers ask for it, and must be: Asio knows its services, the handlers that a thread runs and the types of executors by
# the addresses of such objects, so a program with a second set of them would give an io_context a second reactor. With
# these come the typeinfos and inline functions of Boost and of the standard library, the same in each program. Of
# spdlog and fmt, which are no business of the host's, there is nothing.
cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE library ${prefix}/libordo.so)
cmake_path(GET library PARENT_PATH folder)
foreach(link_and_target IN ITEMS "libordo.so libordo.so.${abi}" "libordo.so.${abi} libordo.so.${version}")
    string(REPLACE " " ";" link_and_target "${link_and_target}")
    list(GET link_and_target 0 link)
    list(GET link_and_target 1 expected)
    file(READ_SYMLINK ${folder}/${link} target)
    if(NOT target STREQUAL expected)
        message(SEND_ERROR "${link} points to ${target}, not to ${expected}")
    endif()
endforeach()

execute_process(COMMAND ${readelf} -d ${library} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
if(NOT dynamic MATCHES "SONAME[^\n]*\\[libordo\\.so\\.${abi}\\]")
    message(SEND_ERROR "the SONAME is not libordo.so.${abi}:\n${dynamic}")
endif()
if(dynamic MATCHES "RPATH|RUNPATH")
    message(SEND_ERROR "the library looks for others in folders of its own:\n${dynamic}")
endif()

execute_process(COMMAND ${nm} -D --defined-only ${library} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " [A-Za-z] [^\n]+" symbols "${symbols}")
set(special "(T[ISV]|GV|Th[n0-9]*_|Z)*") # typeinfos, vtables, guards, thunks, locals of functions
set(strong 0)
foreach(symbol IN LISTS symbols)
    if(symbol MATCHES "_ZN[KVR]*4ordo6detail(4pump|10host_watch|15scheduled_queue)")
        message(SEND_ERROR "exports ${symbol}, of a class that no public header has")
    elseif(symbol MATCHES "^ [VWu] ")
        if(NOT symbol MATCHES "^ . (_Z${special}N?[KVR]*(4ordo|5boost|20boost_asio_prefer_fn|S[at]|9__gnu_cxx)|boost_asio_)")
            message(SEND_ERROR "exports ${symbol}")
        endif()
    elseif(symbol MATCHES "^ . _Z${special}N[KVR]*4ordo")
        math(EXPR strong "${strong} + 1")
    else()
        message(SEND_ERROR "exports ${symbol}, which is not ordo's, for all to use")
    endif()
endforeach()
if(strong LESS 100)
    message(SEND_ERROR "exports ${strong} symbols of ordo, which cannot be all")
endif()

# The version that the headers tell the preprocessor is the project's.
file(STRINGS ${prefix}/include/ordo/config.hpp macros REGEX "^#define ORDO_VERSION_(MAJOR|MINOR|PATCH) [0-9]+$")
string(REGEX REPLACE "[^;0-9]" "" macros "${macros}")
string(REPLACE ";" "." macros "${macros}")
if(NOT macros STREQUAL version)
    message(SEND_ERROR "config.hpp says ${macros}, CMakeLists.txt ${version}")
endif()
