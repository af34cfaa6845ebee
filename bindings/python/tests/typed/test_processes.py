"""What becomes of a generated client in other processes: fork, Ctrl-C, pickled records."""
import os
import pickle
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(os.path.dirname(HERE))


def program(package, text, url, *more):
    """Runs a program that may import the generated package."""
    folder = os.path.dirname(os.path.dirname(package.__file__))
    environment = dict(os.environ, PYTHONPATH=f"{PACKAGE}:{folder}", DATABASE_URL=url)
    return subprocess.run([sys.executable, "-c", text, *more], capture_output=True, text=True, timeout=60, env=environment)


FORK = """
import asyncio, os
from accelerant import errors
{imports}
def child():
    try:
        {call}
    except errors.ForkedClientError as error:
        assert "connect()" in str(error), error
    {again}
    print("child is well", flush=True)
    os._exit(0)

{parent}
"""


def test_a_child_of_fork_is_told_and_connects_again(package, url):
    outcome = program(package, FORK.format(
        imports="from shop_client.sync import Prisma\ndb = Prisma()\ndb.connect()", call="db.user.count(); raise SystemExit(3)",
        again="db.connect(); assert db.user.count() == 0; db.disconnect()",
        parent="pid = os.fork()\nif pid == 0: child()\nassert os.waitpid(pid, 0)[1] == 0\nassert db.user.count() == 0\ndb.disconnect()\nprint('parent too')"), url)
    assert outcome.stdout.split("\n")[:2] == ["child is well", "parent too"], outcome.stderr


def test_a_child_of_fork_is_told_on_asyncio(package, url):
    outcome = program(package, FORK.format(
        imports="from shop_client.asyncio import Prisma\ndb = Prisma()\nasyncio.run(db.connect())",
        call="asyncio.run(db.user.count()); raise SystemExit(3)",
        again="asyncio.run(db.connect()); assert asyncio.run(db.user.count()) == 0; asyncio.run(db.disconnect())",
        parent="pid = os.fork()\nif pid == 0: child()\nassert os.waitpid(pid, 0)[1] == 0\nassert asyncio.run(db.user.count()) == 0\nprint('parent too')"),
        url)
    assert outcome.stdout.split("\n")[:2] == ["child is well", "parent too"], outcome.stderr


INTERRUPTED = """
import time
from shop_client.sync import Prisma
with Prisma() as db:
    print("ready", flush=True)
    try:
        db.query_raw("SELECT pg_sleep(20)")
    except KeyboardInterrupt:
        print(time.time(), flush=True)
    assert db.user.count() == 0
"""


def test_ctrl_c_ends_a_call_that_waits(package, url):
    folder = os.path.dirname(os.path.dirname(package.__file__))
    environment = dict(os.environ, PYTHONPATH=f"{PACKAGE}:{folder}", DATABASE_URL=url)
    with subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        sent = time.time()
        process.send_signal(signal.SIGINT)
        ended = float(process.stdout.readline())
        assert process.wait(30) == 0
    # 50 ms on a quiet machine. The query would have ended by itself after 20 s.
    assert ended - sent < 15


PICKLED = """
import pickle, sys
user = pickle.loads(bytes.fromhex(sys.argv[1]))
print(user.name, user.posts[0].title, type(user).__module__)
"""


def test_a_record_goes_to_another_process(package, db, url):
    user = db.user.create({"name": "Robert", "posts": {"create": {"title": "A"}}}, include={"posts": True})
    assert pickle.loads(pickle.dumps(user)) == user
    outcome = program(package, PICKLED, url, pickle.dumps(user).hex())
    assert outcome.stdout.split() == ["Robert", "A", "shop_client.models"], outcome.stderr
