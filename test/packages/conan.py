# ordo: conan.py SOURCE VERSION INSTALLED: does the Conan recipe hold together?
# SPDX-License-Identifier: BSL-1.0
#
# Conan is not needed: the recipe is loaded with modules that stand in for Conan's. Its name, version and requirements are
# compared with CMakeLists.txt, its libraries and targets with what is installed, and what it exports is looked for. Not
# checked: that Conan's registry has what it requires, and that a build on that passes.
import collections
import importlib.util
import pathlib
import re
import sys
import types

sys.dont_write_bytecode = True
source, version, installed = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])


def stand_in(name, **members):
    module = types.ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module


class Component:
    def __init__(self):
        self.properties, self.libs, self.requires, self.system_libs = {}, [], [], []

    def set_property(self, name, value):
        self.properties[name] = value


class CppInfo(Component):
    def __init__(self):
        super().__init__()
        self.components = collections.defaultdict(Component)


class ConanFile:
    pass


class CMakeToolchain:
    made = []

    def __init__(self, recipe):
        self.cache_variables = {}
        self.made.append(self)

    def generate(self):
        pass


class Recorder:
    """CMakeDeps and CMake: what is called on them is noted."""

    calls = []

    def __init__(self, recipe):
        pass

    def __getattr__(self, name):
        return lambda: self.calls.append(name)


copied = []
stand_in("conan", ConanFile=ConanFile)
stand_in("conan.tools")
stand_in("conan.tools.build", check_min_cppstd=lambda recipe, standard: None)
stand_in("conan.tools.cmake", CMake=Recorder, CMakeDeps=Recorder, CMakeToolchain=CMakeToolchain,
         cmake_layout=lambda recipe: None)
stand_in("conan.tools.files", copy=lambda recipe, pattern, src, dst: copied.append((pattern, pathlib.Path(src))),
         rmdir=lambda recipe, path: None)

path = source / "cmake/conan/conanfile.py"
spec = importlib.util.spec_from_file_location("conanfile", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

lists = (source / "CMakeLists.txt").read_text()
recipe = module.OrdoConan()
recipe.recipe_folder = str(path.parent)
recipe.export_sources_folder = recipe.source_folder = recipe.package_folder = "elsewhere"
recipe.settings = types.SimpleNamespace(os="Linux")
recipe.cpp_info = CppInfo()
required = {}
recipe.requires = lambda reference, **traits: required.update([reference.split("/")])

assert (recipe.name, recipe.version, recipe.license) == ("ordo", version, "BSL-1.0"), recipe.version

recipe.export_sources()
for pattern, folder in copied:
    assert list(folder.glob(pattern)), f"there is no {pattern} to export"
exported = {pattern.split("/")[0] for pattern, _ in copied}
needed = set(re.findall(r"^(?:include|add_subdirectory)\((\w+)", lists, re.M)) | {"include", "CMakeLists.txt"}
assert needed <= exported, f"{needed - exported} is not exported"

recipe.requirements()
floor = re.search(r"find_package\(Boost ([\d.]+)", lists).group(1)
assert required == {"boost": f"[>={floor} <2]", "spdlog": "[>=1.10 <2]"}, required

recipe.validate()
recipe.layout()
recipe.generate()
for name in CMakeToolchain.made[0].cache_variables:
    assert f"option({name} " in lists, f"CMakeLists.txt knows no {name}"
recipe.build()
recipe.package()
assert Recorder.calls == ["generate", "configure", "build", "install"], Recorder.calls

recipe.package_info()
targets = next(installed.rglob("ordo-targets.cmake")).read_text()
declared = {component.properties["cmake_target_name"] for component in recipe.cpp_info.components.values()}
assert declared == set(re.findall(r"add_library\((ordo::\w+) ", targets)), declared
for name, component in recipe.cpp_info.components.items():
    assert f"add_library({component.properties['cmake_target_name']} " in targets, name
    assert list(installed.rglob(component.properties["pkg_config_name"] + ".pc")), name
    for library in component.libs:
        assert list(installed.rglob(f"lib{library}.*")), f"lib{library} is not installed"
print(f"{path.name}: {recipe.name} {recipe.version}, requires {required}")
