"""FastAPI: `uvicorn fastapi_app:app`.

The client is connected for as long as the application lives. A record is a `response_model` as it is; a list that nobody looks at goes
out as the bytes that the cache holds.
"""
from __future__ import annotations

import contextlib
from typing import AsyncIterator, List

from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, ConfigDict
from shop_client.asyncio import Prisma
from shop_client.models import Post, User

db = Prisma()


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await db.connect()
    yield
    await db.disconnect()


app = FastAPI(lifespan=lifespan)


class NewUser(BaseModel):
    name: str
    email: str


class Name(BaseModel):
    """What others may see of a user."""

    model_config = ConfigDict(from_attributes=True)
    name: str


@app.post("/users", response_model=User, status_code=201)
async def create(user: NewUser) -> User:
    return await db.user.create({"name": user.name, "email": user.email})


@app.get("/users/{id}", response_model=User)
async def show(id: str) -> User:
    found = await db.user.find_unique({"id": id}, include={"posts": True}, cache_strategy={"ttl": 60, "auto": True})
    if found is None:
        raise HTTPException(404)
    return found


@app.get("/names", response_model=List[Name])
async def names() -> List[User]:
    return await db.user.find_many(order={"name": "asc"})


@app.get("/posts", response_model=List[Post])
async def posts() -> Response:
    return Response(await db.post.as_json().find_many(cache_strategy={"ttl": 60}), media_type="application/json")
