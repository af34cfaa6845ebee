"""Flask below gunicorn: `gunicorn -c gunicorn.conf.py flask_app:app`.

The application is loaded once and forked; gunicorn.conf.py connects a client in each worker. Each has a cache, and hears of the writes of the
others by the database's triggers.
"""
from __future__ import annotations

import os
from typing import Any, Dict

from flask import Flask, jsonify, request
from shop_client.sync import Prisma

app = Flask(__name__)
db = Prisma(cache={"listen": True})


@app.get("/count")
def count() -> Any:
    answer = db.user.with_accelerate_info().count(cache_strategy={"ttl": 3600, "auto": True})
    return jsonify(count=answer.data, cache=answer.info.cache_status, worker=os.getpid())


@app.post("/users")
def create() -> Any:
    asked: Dict[str, Any] = request.get_json()
    user = db.user.create({"name": str(asked["name"])})
    return app.response_class(user.model_dump_json(), 201, mimetype="application/json")
