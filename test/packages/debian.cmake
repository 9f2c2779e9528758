# ordo: cmake -D build=… -D root=… -D version=… -P debian.cmake: makes the Debian packages and unpacks them into a folder.
# SPDX-License-Identifier: BSL-1.0
#
# Installing them needs root, and is not tried here; what dpkg would install is in the folder then, for a consumer.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${root})
file(MAKE_DIRECTORY ${root}/packages)
execute_process(COMMAND ${CMAKE_CPACK_COMMAND} --config ${build}/CPackConfig.cmake -B ${root}/packages
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
if(result)
    message(FATAL_ERROR "cpack ended with ${result}:\n${output}")
endif()

# expect(package field pattern): the control file of the package has a field that matches.
function(expect package field pattern)
    file(GLOB file ${root}/packages/${package}_*.deb)
    execute_process(COMMAND dpkg-deb -f ${file} ${field} OUTPUT_VARIABLE value COMMAND_ERROR_IS_FATAL ANY)
    if(NOT value MATCHES "${pattern}")
        message(SEND_ERROR "${package}: ${field}: ${value}, which should match ${pattern}")
    endif()
endfunction()

foreach(package IN ITEMS libordo1 libordo-dev)
    expect(${package} Package "^${package}\n$")
    expect(${package} Version "^${version}-1\n$")
    expect(${package} Maintainer "<.+@.+>")
    expect(${package} Description "asyncio.+\n .+")
    expect(${package} Priority "^optional\n$")
    file(GLOB file ${root}/packages/${package}_*.deb)
    execute_process(COMMAND dpkg-deb -x ${file} ${root} COMMAND_ERROR_IS_FATAL ANY)
    if(NOT EXISTS ${root}/usr/share/doc/${package}/copyright)
        message(SEND_ERROR "${package} has no copyright file")
    endif()
endforeach()
expect(libordo1 Section "^libs\n$")
expect(libordo1 Depends "libc6 .*libspdlog1.*libstdc\\+\\+6") # from dpkg-shlibdeps
expect(libordo-dev Section "^libdevel\n$")
expect(libordo-dev Depends "^libordo1 \\(= ${version}-1\\), libboost1\\.81-dev .*libspdlog-dev")

file(GLOB file ${root}/packages/libordo1_*.deb)
execute_process(COMMAND dpkg-deb --ctrl-tarfile ${file} COMMAND tar -xO ./shlibs ./triggers
    OUTPUT_VARIABLE control COMMAND_ERROR_IS_FATAL ANY)
if(NOT control MATCHES "libordo 1 libordo1 \\(>= ${version}-1\\).*ldconfig")
    message(SEND_ERROR "libordo1 does not tell its users and ldconfig of its library: ${control}")
endif()
