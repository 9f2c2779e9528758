# ordo: compile through ccache when it is installed and nobody chose another launcher.
# SPDX-License-Identifier: BSL-1.0
find_program(ORDO_CCACHE ccache)
mark_as_advanced(ORDO_CCACHE)
if(ORDO_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # What is compiled with the tests' precompiled header is cached only if ccache need not see the macros in it (it
    # compares the content of the header itself). The folder of the build does not matter: sources have absolute paths. Nor
    # does the locale, which CTest changes for what it builds.
    set(ORDO_CCACHE_SETTINGS CCACHE_SLOPPINESS=pch_defines,time_macros,locale CCACHE_NOHASHDIR=1)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env ${ORDO_CCACHE_SETTINGS} ${ORDO_CCACHE})
endif()
