# ordo: cmake -D build=… -D prefix=… [-D destdir=ON] -P install.cmake: installs a build and moves it to the prefix.
# SPDX-License-Identifier: BSL-1.0
#
# What is found in the prefix afterwards has been moved, so whatever works there is relocatable; and no file of text may
# name the sources, the build or where it was installed first. With destdir it is installed below DESTDIR to the prefix
# of the build, and nothing may be outside of that.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${prefix} ${prefix}.before)
file(STRINGS ${build}/CMakeCache.txt sources REGEX "^CMAKE_HOME_DIRECTORY:")
string(REGEX REPLACE "^[^=]*=" "" sources "${sources}")

if(destdir)
    file(STRINGS ${build}/CMakeCache.txt configured REGEX "^CMAKE_INSTALL_PREFIX:")
    string(REGEX REPLACE "^[^=]*=" "" configured "${configured}")
    set(ENV{DESTDIR} ${prefix}.before)
    set(installed ${prefix}.before${configured})
    set(to_prefix)
else()
    set(installed ${prefix}.before)
    set(to_prefix --prefix ${installed})
endif()
execute_process(COMMAND ${CMAKE_COMMAND} --install ${build} ${to_prefix} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

file(GLOB_RECURSE all LIST_DIRECTORIES OFF ${prefix}.before/*)
file(GLOB_RECURSE inside LIST_DIRECTORIES OFF ${installed}/*)
if(NOT inside OR NOT all STREQUAL inside)
    message(FATAL_ERROR "expected files in ${installed} and nowhere else, got\n${all}")
endif()
foreach(file IN LISTS all)
    if(file MATCHES "\\.a$") # in a build for debugging it names its sources
        continue()
    endif()
    file(STRINGS ${file} lines)
    foreach(path IN ITEMS ${sources} ${build} ${prefix}.before)
        string(FIND "${lines}" "${path}" found)
        if(NOT found EQUAL -1)
            message(SEND_ERROR "${file} names ${path}")
        endif()
    endforeach()
endforeach()
file(RENAME ${installed} ${prefix})
file(REMOVE_RECURSE ${prefix}.before)
