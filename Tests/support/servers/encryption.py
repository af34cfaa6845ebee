"""TLS for a throw-away server."""
import os
import subprocess

from psql import Psql
from waiting import eventually


def encrypt(server):
    """Gives the server a certificate of its own, and has it take TLS."""
    data = os.path.join(server.socket_directory, "data")
    files = [os.path.join(data, name) for name in ("server.key", "server.crt")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=torture",
                    "-days", "2", "-keyout", files[0], "-out", files[1]], check=True, capture_output=True)
    for file in files:
        os.chown(file, os.stat(data).st_uid, os.stat(data).st_gid)
        os.chmod(file, 0o600)
    with Psql(server.url()) as admin:
        admin.execute("ALTER SYSTEM SET ssl = on")
        admin.execute("SELECT pg_reload_conf()")
        eventually(lambda: admin.value("SHOW ssl") == "on", "a server that takes TLS")
