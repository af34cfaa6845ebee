"""Programs in C that are clients of the library.

ACCELERANT_SANITIZER=address or thread builds them, and has them use the library, with that sanitizer: `make test-memory` does, after it has
built such a library in .build/address or .build/thread.
"""
import os
import shutil
import subprocess

from capi import LIBRARY, ROOT

SANITIZER = os.environ.get("ACCELERANT_SANITIZER")
#: The library that the programs use. That of the Python tests is loaded into a process that no sanitizer can enter any more.
PROGRAMS_LIBRARY = os.path.join(ROOT, ".build", SANITIZER, "debug", "libaccelerant.so") if SANITIZER else LIBRARY
COMPILER = ["clang", "-fsanitize=" + SANITIZER] if SANITIZER else ["cc"]
LIBRARIES = ["-laccelerant", "-pthread", "-ldl"]
if SANITIZER == "thread":
    # Swift's ThreadSanitizer looks into these two.
    _runtime = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("swift")))), "lib", "swift", "linux")
    LIBRARIES += ["-L", _runtime, "-Wl,-rpath," + _runtime, "-ldispatch", "-lBlocksRuntime"]
FLAGS = ["-Wall", "-Wextra", "-Werror", "-g", "-O1", "-I", os.path.join(ROOT, "include")]
#: A child of fork() may have threads; and exit() in the middle of load ends some that nobody has joined.
OPTIONS = {
    "ASAN_OPTIONS": "quarantine_size_mb=16:detect_stack_use_after_return=1",
    "TSAN_OPTIONS": "die_after_fork=0:report_thread_leaks=0:history_size=7:suppressions=" + os.path.join(os.path.dirname(os.path.abspath(__file__)), "races.supp"),
}


def build(folder, name, sources, standard="c99"):
    """Builds a program in a folder, beside the library."""
    link = os.path.join(folder, "libaccelerant.so.1")
    if not os.path.exists(link):
        os.symlink(PROGRAMS_LIBRARY, link)
    command = [*COMPILER, "-std=" + standard, *FLAGS, *sources, "-o", os.path.join(folder, name), "-L", os.path.dirname(PROGRAMS_LIBRARY), *LIBRARIES]
    subprocess.run(command, check=True)


def run(folder, name, *arguments, under=(), timeout=100, **variables):
    """Runs a program of a folder, below another one if that is asked for."""
    environment = dict(os.environ, LD_LIBRARY_PATH=str(folder), **OPTIONS, **variables)
    command = [*under, os.path.join(folder, name), *map(str, arguments)]
    # Why a few times longer: so much longer takes what is checked.
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout * (10 if SANITIZER else 1))
