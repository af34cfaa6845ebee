"""The engine's library as it is built where OpenSSL is not."""
import glob
import os
import shutil
import subprocess
import sys

import pytest
from capi import LIBRARY
from paths import ROOT, SUPPORT
from scene import SCHEMA

PROGRAM = f"""
import sys
sys.path.insert(0, {SUPPORT!r})
import paths
from capi import Client, OpenError
from waiting import eventually

database, redis = sys.argv[1:]

def opened(url):
    return Client({{"schema": {SCHEMA!r}, "datasourceUrl": database, "cache": {{"tier": {{"url": url}}}}}})

for url in ("rediss://127.0.0.1", "rediss-sentinel://127.0.0.1?master=main"):
    try:
        opened(url)
        raise SystemExit("it was opened")
    except OpenError as error:
        message = error.reply.error["message"]
        assert "made without OpenSSL" in message and error.reply.meta["path"] == "cache.tier.url", message
with opened(redis) as client:
    read = {{"model": "User", "operation": "findMany", "args": {{"cacheStrategy": {{"ttl": 60}}}}}}
    connected = lambda: client.query({{"operation": "$connect"}}).status == "OK"
    assert connected()
    trusted = lambda: "accelerant_tier_trusted 1\\n" in client.data({{"operation": "$metrics", "args": {{"format": "prometheus"}}}})
    eventually(trusted, "the tier to be trusted")
    assert client.query(read).cache == "miss" and client.query(read).cache == "ttl"
print("done")
"""


@pytest.mark.skipif(not os.path.exists("/usr/include/hiredis/hiredis.h"), reason="libhiredis-dev is not installed: the engine is not built")
def test_without_openssl_everything_but_encryption_works(fleet, tmp_path):
    sources = sorted(glob.glob(os.path.join(ROOT, "Sources", "RedisEngine", "*.c")))
    include = os.path.join(ROOT, "Sources", "RedisEngine", "include")
    command = ["cc", "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-Wl,--no-undefined", "-DACCELERANT_WITHOUT_OPENSSL"]
    engine = str(tmp_path / "libaccelerant-redis.so")
    subprocess.run([*command, "-I", include, *sources, "-lhiredis", "-ldl", "-o", engine], check=True)
    assert "libssl" not in subprocess.run(["readelf", "-d", engine], check=True, capture_output=True, text=True).stdout
    library = str(tmp_path / "libaccelerant.so")
    shutil.copy(LIBRARY, library)
    made = subprocess.run(
        [sys.executable, "-c", PROGRAM, fleet.database.url(), fleet.redis.url()], env={**os.environ, "ACCELERANT_LIBRARY": library}, check=False,
        capture_output=True, text=True)
    assert made.returncode == 0 and made.stdout == "done\n", made.stderr
