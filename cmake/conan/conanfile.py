# ordo: a Conan 2 recipe. It packs the sources it stands in: conan create cmake/conan
# SPDX-License-Identifier: BSL-1.0
#
# CTest loads it with a stand-in for Conan and compares it with CMakeLists.txt, see test/packages/conan.py; it was not
# run by Conan itself.
import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, rmdir


class OrdoConan(ConanFile):
    name = "ordo"
    version = "0.1.0"
    license = "BSL-1.0"
    description = "asyncio's programming model for C++20, on Boost.Asio"
    topics = ("asyncio", "asio", "coroutines")
    package_type = "library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "fPIC": [True, False]}
    default_options = {"shared": False, "fPIC": True}
    implements = ["auto_shared_fpic"]

    def export_sources(self):
        top = os.path.join(self.recipe_folder, "..", "..")
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*"):
            copy(self, pattern, top, self.export_sources_folder)

    def requirements(self):
        # Public headers include both.
        self.requires("boost/[>=1.81 <2]", transitive_headers=True)
        self.requires("spdlog/[>=1.10 <2]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["ORDO_BUILD_TESTS"] = False
        toolchain.cache_variables["ORDO_BUILD_SAMPLES"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        # CMakeDeps writes the CMake package, PkgConfigDeps the files of pkg-config.
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "ordo")
        core = self.cpp_info.components["ordo"]
        core.set_property("cmake_target_name", "ordo::ordo")
        core.set_property("pkg_config_name", "ordo")
        core.libs = ["ordo"]
        core.requires = ["boost::headers", "spdlog::spdlog"]
        if self.settings.os in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread"]
        testing = self.cpp_info.components["testing"]
        testing.set_property("cmake_target_name", "ordo::testing")
        testing.set_property("pkg_config_name", "ordo-testing")
        testing.libs = ["ordo_testing"]
        testing.requires = ["ordo"]
        inspector = self.cpp_info.components["inspector"]
        inspector.set_property("cmake_target_name", "ordo::inspector")
        inspector.set_property("pkg_config_name", "ordo-inspector")
        inspector.libs = ["ordo_inspector"]
        inspector.requires = ["ordo", "spdlog::spdlog"]
