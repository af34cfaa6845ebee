"""What both kinds of client are: a schema, a database, a cache."""
from __future__ import annotations

import ctypes
import json
import os
from typing import Any, Callable, ClassVar, Dict, Generic, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union, cast

from ..codec import Codec
from ..codec.data import json_data
from ..codec.models import forms
from ..codec.scalars import datetime_from
from ..codec.special import REQUEST, parameter
from ..library import library
from .model import Operations, camel_case, snake_case
from ..types import AccelerateInfo, Answer, CacheConfig, LoggedEvents

Decode = Optional[Callable[[Any], Any]]
AnyModel = TypeVar("AnyModel", bound=Operations[Any, Any, Any, Any, Any])


class BaseClient(Generic[AnyModel]):
    """Opens a client and knows its models. How requests are run is the business of the two classes made from it."""

    _model_class: ClassVar[Type[Any]]
    #: What a datetime without a time zone is: an error, or UTC.
    _mode: ClassVar[int] = REQUEST

    def __init__(
        self,
        schema: Optional[str] = None,
        *,
        schema_path: Optional[Union[str, "os.PathLike[str]"]] = None,
        datasource_url: Optional[str] = None,
        direct_url: Optional[str] = None,
        region: Optional[str] = None,
        cache: Optional[Union[CacheConfig, Dict[str, Any]]] = None,
        limits: Optional[Dict[str, Any]] = None,
        clock: Optional[str] = None,
        log: Optional[Sequence[Union[str, Dict[str, Any]]]] = None,
        date_time: Optional[str] = None,
        check: Optional[str] = None,
    ) -> None:
        self._handle: Optional[int] = None
        self._process = os.getpid()
        self._library = library()
        self._codec = Codec(self._mode, self._library.module())
        settings = {
            "schema": schema,
            "schemaPath": os.fspath(schema_path) if schema_path is not None else None,
            "datasourceUrl": datasource_url,
            "directUrl": direct_url,
            "region": region,
            "cache": _camel_keys(cache),
            "limits": _camel_keys(limits),
            "clock": clock,
            "dateTime": date_time or "microseconds",
            "check": check,
            "log": [level if isinstance(level, str) else cast(Any, _camel_keys(level)) for level in log] if log is not None else None,
        }
        self._handle = self._open({key: value for key, value in settings.items() if value is not None})
        self._begin()
        self._models: Dict[str, AnyModel] = self._describe()

    def _open(self, configuration: Dict[str, Any]) -> Optional[int]:
        text = self._codec.encode(configuration)
        client, reply = ctypes.c_void_p(), ctypes.c_void_p()
        status = self._library.open(text, len(text), ctypes.byref(client), ctypes.byref(reply))
        self._library.read(status, reply, self._library.reply_data)
        return client.value

    def _describe(self) -> Dict[str, AnyModel]:
        reply = ctypes.c_void_p()
        request = self._codec.encode({"operation": "$schema"})
        # Why not submitted by an asynchronous client: this needs no database, so it is there at once.
        status = self._library.query(self._handle, request, len(request), ctypes.byref(reply))
        schema = json.loads(self._library.read(status, reply, self._library.reply_data))
        found: Dict[str, AnyModel] = {}
        data = json_data(schema)
        for name, decoder in forms(schema, self._library.module()).items():
            model = self._model_class(name, decoder, self._run, self._run_with_info, data[name], self._quick_way())
            for spelling in (name, name[0].lower() + name[1:], snake_case(name)):
                found.setdefault(spelling, model)
        return found

    def model(self, name: str) -> AnyModel:
        """The reads of a model, by any of its spellings."""
        try:
            return self._models[name]
        except KeyError:
            raise AttributeError(f"the schema has no model {name!r}") from None

    def __getattr__(self, name: str) -> AnyModel:
        if name.startswith("_"):
            raise AttributeError(name)
        model = self.model(name)
        # Why: the next access finds the attribute and does not come here.
        self.__dict__[name] = model
        return model

    # What the two kinds do differently

    def _begin(self) -> None:
        """Called once the client is open."""
        raise NotImplementedError

    def _run(self, request: Dict[str, Any], decode: Decode) -> Any:
        """Runs a request, and gives its data, decoded; to be awaited on an asynchronous client."""
        raise NotImplementedError

    def _quick_way(self) -> Any:
        """The shortest way to cached answers; None where there is none."""
        return None

    def _run_with_info(self, request: Dict[str, Any], decode: Decode) -> Any:
        """As `_run`, with the info."""
        raise NotImplementedError

    def _data_and_info(self, reply: ctypes.c_void_p, _: None) -> Tuple[bytes, Optional[bytes]]:
        return self._library.reply_data(reply, None), self._library.reply_info(reply, None)


# Requests that are not reads of a model


def raw_request(
    operation: str, query: str, parameters: Sequence[Any], touches: Optional[Sequence[str]], timeout_ms: Optional[int] = None
) -> Dict[str, Any]:
    args: Dict[str, Any] = {"query": query, "parameters": [parameter(value) for value in parameters]}
    if touches is not None:
        args["touches"] = list(touches)
    if operation == "$queryRaw":
        args["types"] = True
    request: Dict[str, Any] = {"operation": operation, "args": args}
    if timeout_ms is not None:
        request["timeoutMs"] = timeout_ms
    return request


def with_trace(request: Dict[str, Any], traceparent: Optional[str]) -> Dict[str, Any]:
    return request if traceparent is None else {**request, "traceparent": traceparent}


def take_log_request(limit: Optional[int]) -> Dict[str, Any]:
    return {"operation": "$log.take", "args": {"limit": limit}}


def metrics_request(format: str) -> Dict[str, Any]:
    return {"operation": "$metrics", "args": {"format": format}}


def invalidate_request(tags: Sequence[str]) -> Dict[str, Any]:
    return {"operation": "$accelerate.invalidate", "args": {"tags": tags}}


def triggers_request(operation: str, tables: Optional[Sequence[str]], execute: bool) -> Dict[str, Any]:
    args: Dict[str, Any] = {"execute": execute}
    if tables is not None:
        args["tables"] = list(tables)
    return {"operation": "$accelerate." + operation, "args": args}


def advance_request(seconds: float) -> Dict[str, Any]:
    return {"operation": "$clock.advance", "args": {"milliseconds": round(seconds * 1000)}}


CONNECT: Dict[str, Any] = {"operation": "$connect"}
INVALIDATE_ALL: Dict[str, Any] = {"operation": "$accelerate.invalidateAll"}

# Answers


def answer_from(parts: Tuple[bytes, Optional[bytes]], decode: Decode, codec: Codec) -> Answer:
    """The data and the info of an answer."""
    text, info = parts
    return Answer(codec.read(text, decode), cast(AccelerateInfo, _info_from(info)))


def log_from(answer: Dict[str, Any]) -> LoggedEvents:
    """Events with their time as Python has it."""
    events = answer["events"]
    for event in events:
        event["timestamp"] = datetime_from(event["timestamp"])
    return LoggedEvents(events, answer["dropped"])


def _info_from(text: Optional[bytes]) -> Optional[AccelerateInfo]:
    if not text:
        return None
    fields = json.loads(text)
    return AccelerateInfo(
        fields["cacheStatus"], datetime_from(fields["lastModified"]), fields["region"], fields["requestId"], fields["signature"],
        fields.get("staleIfError", False))


def _camel_keys(settings: Optional[Mapping[str, Any]]) -> Optional[Dict[str, Any]]:
    """Settings as the library spells them, and those of a section inside."""
    if settings is None:
        return None
    return {
        camel_case(key): {camel_case(name): member for name, member in value.items()} if isinstance(value, dict) else value
        for key, value in settings.items()}
