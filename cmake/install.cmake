# ordo: what is installed: the libraries, the headers, the CMake package and the files of pkg-config.
# SPDX-License-Identifier: BSL-1.0
#
# Nothing installed knows where it was built or installed: a prefix can be moved, and DESTDIR is honoured. The component
# `runtime` is what a program needs to run, `development` what it needs to be built.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ordo)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(TARGETS ordo ordo_testing ordo_inspector EXPORT ordo-targets
    LIBRARY COMPONENT runtime NAMELINK_COMPONENT development
    ARCHIVE COMPONENT development
    FILE_SET HEADERS COMPONENT development)
if(TARGET ordo_tls)
    install(TARGETS ordo_tls EXPORT ordo-tls-targets
        ARCHIVE COMPONENT development
        FILE_SET HEADERS COMPONENT development)
    install(EXPORT ordo-tls-targets NAMESPACE ordo:: DESTINATION ${package_dir} COMPONENT development)
endif()
install(EXPORT ordo-targets NAMESPACE ordo:: DESTINATION ${package_dir} COMPONENT development)

install(FILES ${PROJECT_SOURCE_DIR}/src/gdb/ordo.py DESTINATION ${CMAKE_INSTALL_DATADIR}/gdb COMPONENT development)

if(ORDO_IO_URING)
    install(FILES ${PROJECT_SOURCE_DIR}/cmake/modules/Findliburing.cmake
        DESTINATION ${package_dir} COMPONENT development)
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/ordo-config.cmake.in
    ${PROJECT_BINARY_DIR}/ordo-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ordo-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ordo-config.cmake ${PROJECT_BINARY_DIR}/ordo-config-version.cmake
    DESTINATION ${package_dir} COMPONENT development)

# pkg-config says where it found a file, so the prefix is known from there, unless the library has a folder elsewhere.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
    cmake_path(SET prefix_of_pc "/prefix")
    cmake_path(RELATIVE_PATH prefix_of_pc BASE_DIRECTORY "/prefix/${pkgconfig_dir}")
    set(pc_prefix "\${pcfiledir}/${prefix_of_pc}")
endif()
cmake_path(APPEND pc_libdir "\${prefix}" "${CMAKE_INSTALL_LIBDIR}")
cmake_path(APPEND pc_includedir "\${prefix}" "${CMAKE_INSTALL_INCLUDEDIR}")

# A program links spdlog itself only if libordo does not do so. Its folder of headers is asked for in either case.
set(pc_requires_private spdlog)
get_target_property(library_type ordo TYPE)
if(library_type STREQUAL "STATIC_LIBRARY")
    set(pc_requires spdlog)
    set(pc_requires_private)
endif()
set(pc_definitions)
if(ORDO_BROKEN_COROUTINE_TEMPORARIES)
    set(pc_definitions " -DORDO_BROKEN_COROUTINE_TEMPORARIES")
endif()
if(ORDO_IO_URING)
    list(APPEND pc_requires liburing)
    list(JOIN pc_requires " " pc_requires)
    string(APPEND pc_definitions " -DBOOST_ASIO_HAS_IO_URING -DBOOST_ASIO_DISABLE_EPOLL")
endif()
set(pc_names ordo ordo-testing ordo-inspector)
if(TARGET ordo_tls)
    list(APPEND pc_names ordo-tls)
endif()
foreach(name IN LISTS pc_names)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${pkgconfig_dir} COMPONENT development)
endforeach()
