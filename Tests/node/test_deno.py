"""The package for Node on Deno: the same tests of the client and of the extension, worker threads, and how a process ends."""
import os
import shutil
import subprocess
import sys

import pytest
from capi import LIBRARY, ROOT

NODE = os.path.join(ROOT, "bindings", "node")
BESIDE = os.path.join(os.path.dirname(sys.executable), "deno")
#: `pip install deno` puts it beside Python.
DENO = os.environ.get("ACCELERANT_DENO") or shutil.which("deno") or (BESIDE if os.path.exists(BESIDE) else None)
#: Those of the tests that start no program of Node's.
FILES = [
    *(f"tests/client/{name}.test.mjs" for name in ("cache", "client", "extensions", "queries", "transactions", "values")),
    "tests/extension/extension.test.mjs", *(f"tests/runtime/{name}.test.mjs" for name in ("kept", "native", "shared")),
]

pytestmark = [
    pytest.mark.skipif(not DENO, reason="deno is not installed (pip install deno), so the package was not tried on it"),
    pytest.mark.skipif(not shutil.which("cc"), reason="cc is not installed, so the addon was not built"),
]


def deno(folder, *words, timeout=180, cwd=NODE, **variables):
    environment = {**os.environ, "ACCELERANT_LIBRARY": LIBRARY, "DENO_DIR": str(folder / "deno"), "DENO_NO_UPDATE_CHECK": "1", **variables}
    environment.pop("NO_COLOR", None)
    return subprocess.run([DENO, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout)


def test_the_tests_of_the_client_pass_there(server, tmp_path):
    outcome = deno(tmp_path, "test", "--allow-all", "--no-check", *FILES, DATABASE_URL=server.url("postgres"))
    assert outcome.returncode == 0 and "0 failed" in outcome.stdout, outcome.stdout + outcome.stderr


HEAD = """
import { PrismaClient } from "accelerant"
const client = () => new PrismaClient({ schemaPath: "%s", datasourceUrl: Deno.env.get("DATABASE_URL") })
"""


@pytest.mark.parametrize(("text", "printed", "status"), [
    ("console.log(await client().$queryRaw`SELECT 1 AS a`)", "[ { a: 1 } ]\n", 0),
    ('client().$queryRaw`SELECT pg_sleep(0.2)::text`.then(() => console.log("done"))', "done\n", 0),
    ("client()", "", 0),
    ("const one = client(); for (let n = 0; n < 300; n++) one.$queryRaw`SELECT 1`.catch(() => {}); await one.$queryRaw`SELECT 2`; Deno.exit(3)", "", 3),
])
def test_a_process_ends_as_it_should(server, tmp_path, text, printed, status):
    (tmp_path / "package.json").write_text('{"type": "module", "dependencies": {"accelerant": "*"}}')
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "accelerant").symlink_to(NODE)
    program = tmp_path / "program.mjs"
    program.write_text(HEAD % (os.path.join(ROOT, "Tests", "node", "types", "schema.prisma"),) + text)
    outcome = deno(tmp_path, "run", "--allow-all", "--node-modules-dir=manual", str(program), timeout=60, cwd=tmp_path, DATABASE_URL=server.url("postgres"))
    assert (outcome.returncode, outcome.stdout) == (status, printed), outcome.stderr
