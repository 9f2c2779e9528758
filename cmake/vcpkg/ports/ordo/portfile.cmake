# ordo: a vcpkg port. It builds the sources it stands in: vcpkg install ordo --overlay-ports=<ordo>/cmake/vcpkg/ports
# SPDX-License-Identifier: BSL-1.0
#
# CTest runs it against stand-ins for vcpkg's functions, see test/packages/vcpkg.cmake; it was not run by vcpkg itself.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DORDO_BUILD_TESTS=OFF
        -DORDO_BUILD_SAMPLES=OFF
        -DORDO_INSTALL=ON
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/ordo)
vcpkg_fixup_pkgconfig()

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
