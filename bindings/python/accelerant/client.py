"""The client: a schema, a database, a cache."""
from __future__ import annotations

import ctypes
import json
import os
import threading
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union, cast

from .decoding import decoders
from .errors import ClientNotConnectedError, PrismaError, error_from
from .library import library
from .model import Model, camel_case, snake_case
from .types import AccelerateInfo, Answer
from .values import datetime_from, encode

Decode = Optional[Callable[[Any], Any]]


class Accelerant:
    """A client: any number of threads may use it at once, and other Python threads run while one waits.

        with Accelerant(schema_path="schema.prisma", datasource_url="postgresql://localhost/app") as db:
            users = db.user.find_many(where={"email": {"contains": "alice"}}, cache_strategy={"ttl": 60})

    Each model of the schema is an attribute, spelled as Prisma Client does (`db.orderItem`) or as Python does
    (`db.order_item`); `db.model("OrderItem")` reaches those whose name this class uses itself.
    """

    def __init__(
        self,
        schema: Optional[str] = None,
        *,
        schema_path: Optional[Union[str, "os.PathLike[str]"]] = None,
        datasource_url: Optional[str] = None,
        region: Optional[str] = None,
        cache: Optional[Dict[str, Any]] = None,
        limits: Optional[Dict[str, Any]] = None,
        clock: Optional[str] = None,
    ) -> None:
        self._handle: Optional[int] = None
        self._process = os.getpid()
        self._library = library()
        self._query = self._library.query
        self._closing = threading.Lock()
        self._idle: Optional[threading.Event] = None
        self._running: List[None] = []
        settings = {
            "schema": schema,
            "schemaPath": os.fspath(schema_path) if schema_path is not None else None,
            "datasourceUrl": datasource_url,
            "region": region,
            "cache": _camel_keys(cache),
            "limits": _camel_keys(limits),
            "clock": clock,
        }
        self._open({key: value for key, value in settings.items() if value is not None})
        self._models = self._describe()
        self.accelerate = Accelerate(self)
        self.clock = Clock(self)

    def _open(self, configuration: Dict[str, Any]) -> None:
        text = encode(configuration)
        client, reply = ctypes.c_void_p(), ctypes.c_void_p()
        status = self._library.open(text, len(text), ctypes.byref(client), ctypes.byref(reply))
        try:
            if status != 0:
                raise self._error(status, reply)
        finally:
            self._library.reply_free(reply)
        self._handle = client.value

    def _describe(self) -> Dict[str, Model]:
        found: Dict[str, Model] = {}
        for name, decoder in decoders(self._run({"operation": "$schema"}, None)).items():
            model = Model(name, decoder, self._run, self._run_with_info)
            for spelling in (name, name[0].lower() + name[1:], snake_case(name)):
                found.setdefault(spelling, model)
        return found

    # Requests

    def model(self, name: str) -> Model:
        """The reads of a model, by any of its spellings."""
        try:
            return self._models[name]
        except KeyError:
            raise AttributeError(f"the schema has no model {name!r}") from None

    def __getattr__(self, name: str) -> Model:
        if name.startswith("_"):
            raise AttributeError(name)
        model = self.model(name)
        # Why: the next access finds the attribute and does not come here.
        self.__dict__[name] = model
        return model

    def request(self, request: Dict[str, Any]) -> Any:
        """Runs any request of the library as it is, and gives its data as JSON has it."""
        return self._run(request, None)

    def request_with_info(self, request: Dict[str, Any]) -> Answer:
        """As `request`, with the info; it is None for what does not read through the cache."""
        return self._run_with_info(request, None)

    def request_bytes(self, request: bytes) -> bytes:
        """Runs a request given as JSON text, and gives the answer's text: the quickest way through this package."""
        return cast(bytes, self._call(request, self._library.reply_data))

    def query_raw(self, query: str, *parameters: Any) -> List[Dict[str, Any]]:
        """Rows of an SQL query; parameters stand in it as `$1`, `$2`, …"""
        return cast(List[Dict[str, Any]], self._run({"operation": "$queryRaw", "args": {"query": query, "parameters": parameters}}, None))

    def execute_raw(self, query: str, *parameters: Any) -> int:
        """Runs an SQL statement, and gives the number of rows it changed."""
        return cast(int, self._run({"operation": "$executeRaw", "args": {"query": query, "parameters": parameters}}, None))

    def metrics(self, format: str = "json") -> Any:
        """Counters and histograms: a dictionary, or Prometheus text for `format="prometheus"`."""
        return self._run({"operation": "$metrics", "args": {"format": format}}, None)

    def connect(self) -> None:
        """Makes the first connection now, so that a wrong URL shows now. Not needed: the first query connects."""
        self._run({"operation": "$connect"}, None)

    # Calls into the library

    def _run(self, request: Dict[str, Any], decode: Decode) -> Any:
        data = json.loads(self._call(encode(request), self._library.reply_data))
        return data if decode is None else decode(data)

    def _run_with_info(self, request: Dict[str, Any], decode: Decode) -> Answer:
        text, info = self._call(encode(request), self._data_and_info)
        data = json.loads(text)
        return Answer(data if decode is None else decode(data), cast(AccelerateInfo, _info_from(info)))

    def _data_and_info(self, reply: ctypes.c_void_p, _: None) -> Tuple[bytes, Optional[bytes]]:
        return self._library.reply_data(reply, None), self._library.reply_info(reply, None)

    def _call(self, request: bytes, read: Callable[[ctypes.c_void_p, None], Any]) -> Any:
        """One request; `read` takes what is wanted out of its reply.

        A call announces itself in `_running` before it looks at the handle, and `close` takes the handle away before it
        looks at `_running`: so no call ever uses a handle that was closed.
        """
        reply = ctypes.c_void_p()
        running = self._running
        running.append(None)
        try:
            handle = self._handle
            if handle is None:
                raise ClientNotConnectedError("the client is closed")
            status = self._query(handle, request, len(request), ctypes.byref(reply))
        finally:
            running.pop()
            if self._idle is not None and not running:
                self._idle.set()
        try:
            if status != 0:
                raise self._error(status, reply)
            return read(reply, None)
        finally:
            self._library.reply_free(reply)

    def _error(self, status: int, reply: ctypes.c_void_p) -> PrismaError:
        name = self._library.status_name(status).decode("ascii")
        return error_from(self._library.reply_error(reply, None), name)

    # The end

    def close(self) -> None:
        """Ends the client: calls of other threads end first (each has its time limit), new ones are refused."""
        with self._closing:
            handle, self._handle = self._handle, None
            if handle is None:
                return
            idle = self._idle = threading.Event()
            if self._running:
                idle.wait()
            # Why: in a child of fork() the handle is the parent's; it goes away with the process.
            if os.getpid() == self._process:
                self._library.close(handle)

    def __enter__(self) -> "Accelerant":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if self.__dict__.get("_handle") is not None:
            self.close()


class Accelerate:
    """What `$accelerate` is to Prisma Client."""

    def __init__(self, client: Accelerant) -> None:
        self._client = client

    def invalidate(self, tags: Sequence[str]) -> Dict[str, str]:
        """Drops every cached answer that bears one of the tags; five tags a call at most."""
        args = {"tags": tags}
        return cast(Dict[str, str], self._client.request({"operation": "$accelerate.invalidate", "args": args}))

    def invalidate_all(self) -> Dict[str, str]:
        """Drops every cached answer."""
        return cast(Dict[str, str], self._client.request({"operation": "$accelerate.invalidateAll"}))


class Clock:
    """The clock of a client that was opened with `clock="manual"`: for tests of what a cache does over time."""

    def __init__(self, client: Accelerant) -> None:
        self._client = client

    def advance(self, seconds: float) -> None:
        args = {"milliseconds": round(seconds * 1000)}
        self._client.request({"operation": "$clock.advance", "args": args})


def _camel_keys(settings: Optional[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    return settings and {camel_case(key): value for key, value in settings.items()}


def _info_from(text: Optional[bytes]) -> Optional[AccelerateInfo]:
    if not text:
        return None
    fields = json.loads(text)
    return AccelerateInfo(
        fields["cacheStatus"], datetime_from(fields["lastModified"]), fields["region"], fields["requestId"], fields["signature"])
