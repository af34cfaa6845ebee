"""The demo's data in a test's database."""
import os
import subprocess
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bindings", "demo")
SCHEMA_PATH = os.path.join(FOLDER, "schema.prisma")


def load_demo(database):
    """Makes the demo's tables and fills them with this machine's packages."""
    sql = subprocess.run([sys.executable, os.path.join(FOLDER, "load.py")], check=True, capture_output=True, text=True).stdout
    subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", database.server.url(database.name)], input=sql, text=True, check=True)
