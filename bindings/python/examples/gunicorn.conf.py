"""Four workers, forked from a loaded application."""
from typing import Any

workers = 4
preload_app = True



def post_fork(server: Any, worker: Any) -> None:
    from flask_app import db

    db.connect()


def worker_exit(server: Any, worker: Any) -> None:
    from flask_app import db

    db.disconnect()
