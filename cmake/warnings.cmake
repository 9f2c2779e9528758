# ordo: the warnings its own code is compiled with.
# SPDX-License-Identifier: BSL-1.0

# ordo_warnings(target)
#
# PRIVATE, so that they never reach a user of the library. Errors only with ORDO_WERROR: a compiler newer than the ones
# tested must not stop a build because it learnt a new warning. Of shadowing, g++ is asked only about locals: the rest of
# its -Wshadow minds `tag const& tag`, which clang's does not. Clang 16 minds a co_return that is behind a throw to make
# the function a coroutine.
function(ordo_warnings target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic
        -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-qual -Wcast-align
        -Woverloaded-virtual -Wextra-semi -Wundef -Wformat=2 -Wimplicit-fallthrough
        $<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wshadow -Wunused-exception-parameter -Wcomma>
        $<$<AND:$<CXX_COMPILER_ID:Clang,AppleClang>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,17>>:-Wunreachable-code>
        $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local -Wduplicated-cond -Wlogical-op>
        $<$<BOOL:${ORDO_WERROR}>:-Werror>)
endfunction()
