"""Code in C within a process of Python: the module among threads and interpreters, and OpenSSL at the end."""
import decimal
import os
import subprocess
import sys
import threading

import pytest
from accelerant.codec import configured, kinds

PACKAGE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def test_two_threads_may_need_a_shape_at_once_for_the_first_time(native):
    module = configured(native)
    both = threading.Barrier(2, timeout=30)

    def resolve(shape):
        # Here the interpreter runs the other thread, which finds the shape undefined, too.
        both.wait()
        shape.define([("a", "a", kinds.DECIMAL, None, -1)])

    shape, found = module.Shape(None, resolve), []

    def decode():
        try:
            found.append(module.decode(b'{"a":"1.5"}', shape))
        except RuntimeError as error:
            found.append(error)

    threads = [threading.Thread(target=decode) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{"a": decimal.Decimal("1.5")}] * 2


#: Runs the same text in the first interpreter and in a second one.
INTERPRETERS = """
import sys
import _xxsubinterpreters as interpreters

TEXT = '''
import decimal, importlib.util
import accelerant.library as library
specification = importlib.util.spec_from_file_location("accelerant._native", PATH)
try:
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
except ImportError:
    module = None  # So Python does from 3.12 on.
library._native = module
from accelerant.codec import Codec
codec = Codec(0, library.native_module())
text = codec.encode({"a": decimal.Decimal("1.5E+3")})
assert b'"1500"' in text, text
'''.replace("PATH", repr(sys.argv[1]))

exec(TEXT)
assert library.native_module() is not None
other = interpreters.create()
interpreters.run_string(other, TEXT + "assert library.native_module() is None")
interpreters.destroy(other)
# What the first one gave to the module is still there.
assert codec.encode({"a": decimal.Decimal("1.5E+3")}) == text
"""


def test_the_module_serves_one_interpreter_of_a_process(native):
    pytest.importorskip("_xxsubinterpreters", reason="this Python has no second interpreter to try it with")
    environment = dict(os.environ, PYTHONPATH=PACKAGE)
    outcome = subprocess.run([sys.executable, "-c", INTERPRETERS, native.__file__], env=environment, capture_output=True, text=True, timeout=60)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr


#: OpenSSL calls `abort` when it is cleared away.
ENDED = """
import ctypes, sys
import accelerant.typed.client.sync_client
from accelerant.library import library
# Clients whose calls wait need neither, and asyncio takes 10 MB.
assert "asyncio" not in sys.modules and "ssl" not in sys.modules
libraries = library().waiting
libraries.OPENSSL_init_crypto(ctypes.c_uint64(0), None)
assert libraries.OPENSSL_atexit(ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p)) == 1
"""


def test_openssl_is_there_until_the_process_is_gone():
    outcome = subprocess.run([sys.executable, "-c", ENDED], env=dict(os.environ, PYTHONPATH=PACKAGE), capture_output=True, text=True, timeout=60)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome
