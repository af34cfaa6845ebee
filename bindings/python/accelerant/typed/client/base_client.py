"""What the synchronous and the asynchronous generated client have in common."""
from __future__ import annotations

import datetime
import os
import warnings
from typing import TYPE_CHECKING, Any, ClassVar, Dict, Optional, Sequence, TypedDict, Union, cast

from ...client.base import raw_request
from ...errors import ClientNotConnectedError, ClientNotRegisteredError, ForkedClientError
from ...types import CacheConfig
from .environment import load_env

if TYPE_CHECKING:
    from ..package import Package

Span = Union[int, float, datetime.timedelta]


class DatasourceOverride(TypedDict, total=False):
    """Another database than the schema's."""

    url: str
    name: str
    env: str


class HttpConfig(TypedDict, total=False):
    """Settings of Prisma Client Python's connection to its engine; taken, and without effect, as there is no engine to talk to."""

    app: Any
    http1: bool
    http2: bool
    limits: Any
    timeout: Any
    trust_env: bool
    max_redirects: int


def milliseconds(name: str, span: Optional[Span], unit: float) -> Optional[int]:
    """A length of time; a plain number counts `unit` milliseconds, and is deprecated."""
    if span is None:
        return None
    if isinstance(span, datetime.timedelta):
        return round(span.total_seconds() * 1000)
    text = f"Passing an int as `{name}` argument is deprecated and will be removed in the next major release. Use a `datetime.timedelta` instance instead."
    warnings.warn(text, DeprecationWarning, stacklevel=3)
    return round(span * unit)


class BasePrisma:
    """A client of one generated package. It may be connected, disconnected and connected again."""

    #: The generated package; set by its class.
    _package: ClassVar["Package"]
    _is_async: ClassVar[bool]

    def __init__(
        self,
        *,
        use_dotenv: bool = True,
        log_queries: bool = False,
        auto_register: bool = False,
        datasource: Optional[DatasourceOverride] = None,
        connect_timeout: Span = datetime.timedelta(seconds=10),
        http: Optional[HttpConfig] = None,
        direct_url: Optional[str] = None,
        region: Optional[str] = None,
        cache: Optional[Union[CacheConfig, Dict[str, Any]]] = None,
        limits: Optional[Dict[str, Any]] = None,
        clock: Optional[str] = None,
        log: Optional[Sequence[Union[str, Dict[str, Any]]]] = None,
    ) -> None:
        self._engine: Any = None
        self._process = os.getpid()
        self._transaction: Optional[str] = None
        #: Of a client inside a transaction: the transaction, which knows whether it has ended.
        self._scope: Any = None
        self._connect_timeout = milliseconds("connect_timeout", connect_timeout, 1000)
        self._datasource = datasource
        self._settings: Dict[str, Any] = {
            "direct_url": direct_url, "region": region, "cache": cache, "limits": limits, "clock": clock,
            "log": log if log is not None else ["query"] if log_queries else None,
        }
        if use_dotenv:
            load_env()
        if auto_register:
            self._package.register(cast(Any, self))

    def is_registered(self) -> bool:
        """Whether `register` was given this client."""
        try:
            return self._package.get_client() is self
        except ClientNotRegisteredError:
            return False

    def is_transaction(self) -> bool:
        """Whether this client's calls belong to a transaction."""
        return self._transaction is not None

    def is_connected(self) -> bool:
        return self._engine is not None

    def _configuration(self) -> Dict[str, Any]:
        url = (self._datasource or {}).get("url")
        given = {key: value for key, value in self._settings.items() if value is not None}
        return {"schema": self._package.schema_text, "datasource_url": url, "date_time": "microseconds", **given}

    def _connected(self) -> Any:
        """The engine, of this process."""
        engine = self._engine
        if engine is None:
            raise ClientNotConnectedError()
        return engine

    def _is_foreign(self) -> bool:
        """Whether the engine belongs to the parent of a child of fork()."""
        return os.getpid() != self._process and self._engine is not None

    def _refuse_when_forked(self) -> None:
        if self._is_foreign():
            raise ForkedClientError(
                "this client was connected before fork(): call `connect()` in the child", code="P6010", status="FORKED")

    def _inside(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """A request, of the transaction that this client belongs to."""
        if self._transaction is not None:
            request["transaction"] = self._transaction
        return request

    def _copy_for(self, transaction: str, scope: Any) -> Any:
        """The same client, whose calls belong to a transaction."""
        other = object.__new__(type(self))
        for name, value in self.__dict__.items():
            if name not in self._package.schema.attributes:
                other.__dict__[name] = value
        other._transaction, other._scope = transaction, scope
        return other

    def _actions_of(self, model: str) -> Any:
        return self._package.actions_class(model, self._is_async)(self, self._package.record_class(model))

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            attributes = self._package.schema.attributes
            if name.startswith("_") or name not in attributes:
                raise AttributeError(self._package.unknown_attribute(type(self).__name__, name))
            found = self._actions_of(attributes[name])
            # Why: the next access finds the attribute and does not come here.
            self.__dict__[name] = found
            return found

    def __dir__(self) -> Any:
        return [*super().__dir__(), *self._package.schema.attributes]

    def _raw(
        self, operation: str, query: str, parameters: Sequence[Any], touches: Optional[Sequence[str]], timeout_ms: Optional[int] = None
    ) -> Dict[str, Any]:
        return raw_request(operation, query, parameters, touches, timeout_ms)
