"""Kernels that differ from this one: larger pages, memory that is locked, and none of what tells a child of fork()."""
import json
import os
import resource
import subprocess
import sys

import pytest
from capi import LIBRARY
from paths import program_source
from scene import SCHEMA



@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    path = tmp_path_factory.mktemp("kernel") / "kernel.so"
    command = ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", program_source("kernel.c"), "-o", str(path), "-ldl"]
    subprocess.run(command, check=True)
    return path


def run(shim, kernel, script, *arguments):
    environment = dict(os.environ, ACCELERANT_LIBRARY=LIBRARY, LD_PRELOAD=str(shim), KERNEL=kernel)
    command = [sys.executable, program_source(script), *arguments]
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", ""), outcome.stderr[-3000:]


@pytest.mark.parametrize("kernel", ["", "wipe"])
def test_a_child_of_fork_is_told_apart(database, shim, kernel):
    run(shim, kernel, "fork.py", database.url())


@pytest.mark.parametrize("kernel", ["", "locked", "64k"])
def test_a_cache_that_is_filled_and_emptied_again_and_again(database, shim, kernel):
    database.sql.execute(
        'CREATE TABLE "Line" (id int PRIMARY KEY, text text NOT NULL);'
        'INSERT INTO "Line" SELECT n, repeat(chr(97 + n % 26), CASE WHEN n % 5 = 0 THEN 20000 + 100 * (n % 1000) ELSE 1 + n % 300 END) FROM generate_series(0, 2499) AS n')
    run(shim, kernel, "full_and_empty.py", database.url(), "2500")


#: Locks the process's memory, and then does what the script does.
LOCKED = """
import ctypes, sys
if ctypes.CDLL(None).mlockall(3) != 0:
    sys.exit(77)
sys.argv = sys.argv[1:]
exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"), {"__file__": sys.argv[0], "__name__": "__main__"})
"""


def may_lock():
    return os.geteuid() == 0 or resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY


@pytest.mark.skipif(not may_lock(), reason="memory cannot be locked here; `locked` above shows the same")
def test_memory_that_is_really_locked(database):
    database.sql.execute(
        'CREATE TABLE "Line" (id int PRIMARY KEY, text text NOT NULL);'
        'INSERT INTO "Line" SELECT n, repeat(chr(97 + n % 26), 1 + n % 300) FROM generate_series(0, 1999) AS n')
    command = [sys.executable, "-c", LOCKED, program_source("full_and_empty.py"), database.url(), "2000"]
    outcome = subprocess.run(command, env=dict(os.environ, ACCELERANT_LIBRARY=LIBRARY), capture_output=True, text=True, timeout=100)
    if outcome.returncode == 77:
        pytest.skip("mlockall is refused here; `locked` above shows the same")
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", ""), outcome.stderr[-3000:]


#: A reply is there and nobody has taken it: the parent's descriptor is readable. The child's is not, at once and later.
CHILD = """
import json, os, select, sys
from asking import Asking
from capi import Client
client = Client(sys.argv[1])
asking = Asking(client)
asking.submit({"operation": "$queryRaw", "args": {"query": "SELECT 1 AS n"}}, 1)
assert asking.is_readable(30)
if os.fork() == 0:
    assert not select.select([asking.descriptor], [], [], 0.3)[0], "it would spin"
    poll = select.epoll()
    poll.register(asking.descriptor, select.EPOLLIN)
    assert poll.poll(0.1) == []
    assert not os.get_inheritable(asking.descriptor)
    # What the child opens is not harmed by what it inherited, nor by a fork of its own.
    with Client(sys.argv[1]) as own:
        mine = Asking(own)
        mine.submit({"operation": "$queryRaw", "args": {"query": "SELECT 2 AS n"}}, 2)
        assert mine.is_readable(30)
        if os.fork() == 0:
            assert not mine.is_readable(0.1) and not asking.is_readable()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
        assert mine.take_all(1)[2].data == [{"n": 2}]
    os._exit(0)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
assert asking.is_readable() and asking.take_all(1)[1].data == [{"n": 1}] and not asking.is_readable()
client.close()
"""


@pytest.mark.parametrize("kernel", ["", "wipe"])
def test_an_inherited_descriptor_is_never_readable(database, shim, kernel):
    configuration = json.dumps({"schema": SCHEMA, "datasourceUrl": database.url()})
    environment = dict(os.environ, ACCELERANT_LIBRARY=LIBRARY, LD_PRELOAD=str(shim), KERNEL=kernel)
    outcome = subprocess.run([sys.executable, "-c", CHILD, configuration], env=environment, capture_output=True, text=True, timeout=60)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", ""), outcome.stderr[-3000:]
