"""Machines whose wall clocks differ by an hour: ages come from the tier's clock and from monotonic ones."""
import json
import os
import subprocess
import sys
import time

import pytest
from capi import LIBRARY
from paths import SUPPORT, program_source
from scene import SCHEMA

PROGRAM = f"""
import ctypes, json, sys
sys.path.insert(0, {SUPPORT!r})
import paths
from capi import Client
from fleet import Member
from waiting import eventually

configuration, seconds, stored, *reads = sys.argv[1:]
jump = ctypes.CDLL(None).wall_clock_jump
jump.argtypes = [ctypes.c_longlong]
jump(int(seconds))
with Client(json.loads(configuration)) as client:
    member = Member(client)
    member.await_trusted()
    for read in reads:
        number, strategy = json.loads(read)
        print(member.find(strategy, where={{"id": {{"gte": -number}}}}).cache)
    if int(stored):
        member.await_stored(int(stored))
"""

LONG, SHORT = (1, {"ttl": 600}), (2, {"ttl": 1, "swr": 600})


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    path = tmp_path_factory.mktemp("shim") / "wall_clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Werror", program_source("wall_clock.c"), "-ldl", "-o", path], check=True)
    return str(path)


@pytest.mark.parametrize("there, here", [(3600, 0), (-3600, 0), (0, 3600), (0, -3600)])
def test_an_hour_between_two_machines_makes_no_answer_younger_or_older(fleet, shim, there, here):
    tier = {"url": fleet.redis.url(), "timeoutMs": 500, "listen": False}
    configuration = json.dumps({"schema": SCHEMA, "datasourceUrl": fleet.database.url(connection_limit=2), "cache": {"tier": tier}})

    def run(seconds, stored, *reads):
        made = subprocess.run(
            [sys.executable, "-c", PROGRAM, configuration, str(seconds), str(stored), *map(json.dumps, reads)], check=False, capture_output=True, text=True,
            env={**os.environ, "LD_PRELOAD": shim, "ACCELERANT_LIBRARY": LIBRARY})
        assert made.returncode == 0, made.stderr
        return made.stdout.split()

    assert run(there, 2, LONG, SHORT) == ["miss", "miss"]
    time.sleep(1.2)
    # The second is stale, and as the tier's answer is refreshed.
    assert run(here, 0, LONG, SHORT) == ["ttl", "swr"]
