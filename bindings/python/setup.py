"""Puts the compiled library into the package, where there is one; everything else stands in pyproject.toml."""
import os
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70
    from wheel.bdist_wheel import bdist_wheel

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "libaccelerant.so"


def compiled_library():
    """The library to carry: ACCELERANT_LIBRARY, else the release build around this folder; None leaves it to the system."""
    candidates = [os.environ.get("ACCELERANT_LIBRARY"), os.path.join(HERE, "..", "..", ".build", "release", NAME)]
    return next((path for path in candidates if path and os.path.exists(path)), None)


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        library = compiled_library()
        if library and not getattr(self, "editable_mode", False):
            target = os.path.join(self.build_lib, "accelerant", NAME)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(library, target)


class PlatformWheel(bdist_wheel):
    """A wheel for any Python 3, but for this platform alone when it carries the library."""

    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = compiled_library() is None

    def get_tag(self):
        _, _, platform = super().get_tag()
        return "py3", "none", platform


setup(cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel})
