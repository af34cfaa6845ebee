"""The fixtures that all tests from outside have: a server, databases."""
import importlib.util
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
_specification = importlib.util.spec_from_file_location("tests_of_the_library", os.path.join(ROOT, "Tests", "conftest.py"))
_fixtures = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(_fixtures)
server, admin = _fixtures.server, _fixtures.admin
pytest_runtest_protocol = _fixtures.pytest_runtest_protocol
