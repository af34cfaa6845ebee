"""Puts the compiled library into the package, where there is one, and compiles `_native` where that can be done.

Everything else stands in pyproject.toml.
"""
import ctypes
import glob
import os
import shutil
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70
    from wheel.bdist_wheel import bdist_wheel

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "libaccelerant.so"
#: What `cache.tier` needs, by the names that a build and an installation give it. The library looks for it beside itself.
ENGINE = "libaccelerant-redis.so"
ENGINES = (ENGINE, ENGINE + ".1")


def compiled_library():
    """The library to carry: ACCELERANT_LIBRARY, else the release build around this folder; None leaves it to the system."""
    candidates = [os.environ.get("ACCELERANT_LIBRARY"), os.path.join(HERE, "..", "..", ".build", "release", NAME)]
    return next((path for path in candidates if path and os.path.exists(path)), None)


def is_installed():
    """True where the system has the library."""
    for name in ("libaccelerant.so.1", "/usr/local/lib/libaccelerant.so.1"):
        try:
            return bool(ctypes.CDLL(name))
        except OSError:
            pass
    return False


def native_modules():
    """The optional module in C: where there are a compiler and Python's headers."""
    header = os.path.join(sysconfig.get_path("include"), "Python.h")
    if not (shutil.which("cc") and os.path.exists(header)):
        return []
    sources = sorted(os.path.relpath(path, HERE) for path in glob.glob(os.path.join(HERE, "native", "*.c")))
    flags = ["-fvisibility=hidden"]
    return [Extension("accelerant._native", sources, depends=["native/native.h"], extra_compile_args=flags, py_limited_api=True, optional=True)]


class BuildWithLibrary(build_py):
    def run(self):
        library = compiled_library()
        if library is None and not is_installed():
            raise SystemExit(
                "accelerant: libaccelerant.so was not found, without which this package can do nothing. Install a wheel of accelerant; or build the "
                "library (make library), install it (make install), or name it in ACCELERANT_LIBRARY, and try again.")
        super().run()
        if library and not getattr(self, "editable_mode", False):
            target = os.path.join(self.build_lib, "accelerant", NAME)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(library, target)
            beside = os.path.dirname(library)
            program = os.path.join(beside, "accelerant")
            if os.path.isfile(program):
                shutil.copy(program, os.path.dirname(target))
            engine = next((path for path in (os.path.join(beside, name) for name in ENGINES) if os.path.exists(path)), None)
            if engine:
                shutil.copyfile(engine, os.path.join(os.path.dirname(target), ENGINE))


class PlatformWheel(bdist_wheel):
    """A wheel for any Python 3, from 3.9, but for this platform alone when it carries something compiled."""

    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = compiled_library() is None and not self.distribution.ext_modules

    def get_tag(self):
        _, _, platform = super().get_tag()
        return ("cp39", "abi3", platform) if self.distribution.ext_modules else ("py3", "none", platform)


setup(ext_modules=native_modules(), cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel})
