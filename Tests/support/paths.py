"""Where the parts of the tests are. Importing this puts the shared modules on the module path."""
import glob
import os
import sys

SUPPORT = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(SUPPORT)
ROOT = os.path.dirname(TESTS)
SCHEMA_FILE = os.path.join(SUPPORT, "blog", "schema.prisma")
TABLES_FILE = os.path.join(SUPPORT, "blog", "tables.sql")
#: The shared modules: servers, clients, networks that fail, programs in C.
FOLDERS = [SUPPORT, *(os.path.join(SUPPORT, name) for name in ("servers", "clients", "network", "programs"))]
sys.path[:0] = [folder for folder in FOLDERS if folder not in sys.path]


def program_source(name):
    """The source of a program that integration tests run, in C or Python."""
    [path] = glob.glob(os.path.join(TESTS, "integration", "programs", "*", name))
    return path
