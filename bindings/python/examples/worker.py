"""Jobs in processes of their own, as Celery has them: `python worker.py 100`.

A process of a pool connects when it begins. What a job gives back is a record, which goes to the parent as any value does.
"""
from __future__ import annotations

import multiprocessing
import sys
from typing import List, Tuple

from shop_client.models import User
from shop_client.sync import Prisma

db = Prisma()


def begin() -> None:
    """In each process, after it was forked."""
    db.connect()


def job(number: int) -> Tuple[int, User]:
    with db.tx() as tx:
        user = tx.user.create({"name": f"user {number}"})
        tx.post.create({"title": f"first post of {number}", "views": number, "author": {"connect": {"id": user.id}}})
    return number, user


def main(jobs: int) -> List[Tuple[int, User]]:
    with multiprocessing.get_context("fork").Pool(4, initializer=begin) as pool:
        return pool.map(job, range(jobs))


if __name__ == "__main__":
    done = main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
    print(len(done), "jobs,", len({user.id for _, user in done}), "users")
