"""What can go wrong, named as Prisma Client Python names it where it has a name."""
from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Optional, Tuple, Type


class PrismaError(Exception):
    """Every error of this package."""

    #: Prisma's code, as "P2025"; empty when the error arose in Python.
    code: str = ""
    #: The facts for programs, under Prisma's keys.
    meta: Dict[str, Any]
    #: The class of outcome, as the C header names it: "NOT_FOUND", "TIMEOUT", …
    status: str = ""

    def __init__(self, message: str = "", *, code: str = "", meta: Optional[Dict[str, Any]] = None, status: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or type(self).__name__).partition("\n")[0])
        self.code = code or next(filter(None, (getattr(kind, "code", "") for kind in type(self).__mro__)), "")
        self.meta = meta if meta is not None else {}
        self.status = status

    @property
    def message(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> Tuple[Any, ...]:
        # Why not as exceptions do: classes below are made of other arguments than their text.
        return _again, (type(self), self.args), self.__dict__


def _again(kind: Type[PrismaError], args: Tuple[Any, ...]) -> PrismaError:
    """An error as it was, for pickle and copy."""
    found = kind.__new__(kind)
    found.args = args
    return found


class LibraryNotFoundError(PrismaError):
    """libaccelerant.so is nowhere to be found."""


class ClientNotConnectedError(PrismaError):
    """Client is not connected to the query engine, you must call `connect()` before attempting to query data."""

    code = "P6010"


class ForkedClientError(PrismaError):
    """The client belongs to the parent process: open another one in the child."""


class DataError(PrismaError):
    """A query failed, or does not fit the schema.

    Tests of programs make such errors by hand: of a text, or of the dictionary that Prisma Client Python makes them of."""

    def __init__(
        self, data: Any = "", *, message: Optional[str] = None, code: str = "", meta: Optional[Dict[str, Any]] = None, status: str = ""
    ) -> None:
        if isinstance(data, Mapping):
            told = data.get("user_facing_error") or {}
            code, meta = told.get("error_code") or code, told.get("meta") or meta
            data = self._words(told)
        super().__init__(message or data, code=code, meta=meta, status=status)

    @staticmethod
    def _words(told: Mapping[str, Any]) -> str:
        """The text of an error in such a dictionary."""
        return str(told.get("message") or "An error occurred while processing data.")

    @property
    def data(self) -> Dict[str, Any]:
        """The error as Prisma Client Python holds it."""
        return {"user_facing_error": {"error_code": self.code, "message": self.message, "meta": self.meta}}


class UniqueViolationError(DataError):
    code = "P2002"


class ForeignKeyViolationError(DataError):
    code = "P2003"


class ValidationError(DataError):
    """The query does not fit the schema; `meta` says where (`path`), what was expected, and what kind of fault it is (`kind`)."""

    code = "P2009"


class FieldNotFoundError(ValidationError):
    """The query names a field or an argument that is not there, or uses one as it cannot be used; `meta["kind"]` says which.

    Prisma Client Python has this one class for all of them. The classes below it tell them apart."""


class WrongTypeError(FieldNotFoundError):
    """A value is of another type than its field."""


class InvalidValueError(FieldNotFoundError):
    """A value is of the right type, and none that its field can have: out of range, no such enum value, no date."""


class NotUniqueError(FieldNotFoundError):
    """A `where` or `cursor` names no unique key."""


class MissingRequiredValueError(ValidationError):
    """Something that is needed was not given, or is null."""

    code = "P2012"


class RawQueryError(DataError):
    code = "P2010"

    @staticmethod
    def _words(told: Mapping[str, Any]) -> str:
        # What the server said.
        return str((told.get("meta") or {}).get("message") or DataError._words(told))


class InputError(DataError):
    code = "P2019"


class TableNotFoundError(DataError):
    code = "P2021"

    @property
    def table(self) -> Optional[str]:
        """The table that is missing."""
        return self.meta.get("table")


class PoolTimeoutError(DataError):
    """Every connection stayed busy for `pool_timeout`."""

    code = "P2024"


class RecordNotFoundError(DataError):
    code = "P2025"


class TransactionError(DataError):
    """A transaction could not begin in time, has ended, has expired, or was aborted by a failure."""

    code = "P2028"


class TransactionExpiredError(TransactionError):
    """A transaction was open for longer than its `timeout`, or had ended already."""

    code = ""


class TransactionNotStartedError(TransactionError):
    """Transaction has not been started yet. Transactions must be used within a context manager or started manually."""

    code = ""


class AccelerateError(PrismaError):
    """The cache, the connection or a limit: the P6xxx codes and P5011."""


class TooManyRequestsError(AccelerateError):
    code = "P5011"


class ServerError(AccelerateError):
    code = "P6000"


class InvalidDataSourceError(AccelerateError):
    """Configuration, URL or schema cannot be used; `meta` says where."""

    code = "P6001"


class UnauthorizedError(AccelerateError):
    code = "P6002"


class PlanLimitReachedError(AccelerateError):
    code = "P6003"


class QueryTimeoutError(AccelerateError, TimeoutError):
    code = "P6004"


class InvalidParametersError(AccelerateError):
    code = "P6005"


class VersionNotSupportedError(AccelerateError):
    code = "P6006"


class DatabaseConnectionError(AccelerateError, ConnectionError):
    """No connection to the database; `meta` holds the cause."""

    code = "P6008"


class ResponseSizeLimitExceededError(AccelerateError):
    code = "P6009"


# What concerns the generated client alone


class ClientNotRegisteredError(PrismaError):
    """No client instance registered; You must call prisma.register(prisma.Prisma())"""


class ClientAlreadyRegisteredError(PrismaError):
    """A client has already been registered."""


class BuilderError(PrismaError):
    """A call that no request can be made of."""


class InvalidModelError(BuilderError):
    """A class of records that belongs to no model."""

    def __init__(self, model: Any) -> None:
        super().__init__(f"Expected the {model} type to have a `__prisma_model__` class variable set")


class UnknownModelError(BuilderError):
    """No model of the schema is called so."""

    def __init__(self, model: str) -> None:
        super().__init__(f'Model: "{model}" does not exist.')


class UnknownRelationalFieldError(BuilderError, FieldNotFoundError):
    """No relation of the model is called so."""

    code = ""

    def __init__(self, model: str, field: str, *, hint: str = "", meta: Optional[Dict[str, Any]] = None) -> None:
        text = f'Field: "{field}" either does not exist or is not a relational field on the {model} model'
        super().__init__(text + hint, code=ValidationError.code, meta=meta)


class GeneratorError(PrismaError):
    """The client cannot be generated."""


class UnsupportedListTypeError(GeneratorError):
    """Known from Prisma Client Python; not raised here, where every type can be a list."""

    def __init__(self, typ: str) -> None:
        super().__init__(f"Cannot use {typ} as a list")
        self.type = typ


class UnsupportedDatabaseError(PrismaError):
    """Known from Prisma Client Python; not raised here, where every database is PostgreSQL."""

    def __init__(self, database: str, context: str) -> None:
        super().__init__(f"{context} is not supported by {database}")
        self.database, self.context = database, context


class HTTPClientClosedError(PrismaError):
    """Cannot make a request from a closed client. Known from Prisma Client Python; not raised here, where there is no HTTP client."""


class EngineError(PrismaError):
    """Known from Prisma Client Python; not raised here, where there is no engine."""


class AlreadyConnectedError(EngineError):
    """Known from Prisma Client Python; not raised here, where a client that is connected may be connected."""


class NotConnectedError(EngineError):
    """Known from Prisma Client Python; here it is `ClientNotConnectedError`."""


class BinaryNotFoundError(EngineError):
    """Known from Prisma Client Python; here it is `LibraryNotFoundError`."""


class MismatchedVersionsError(EngineError):
    """Known from Prisma Client Python; not raised here, where there is no engine."""

    def __init__(self, *, expected: str, got: str) -> None:
        super().__init__(f"Expected query engine version `{expected}` but got `{got}`.")
        self.expected, self.got = expected, got


class EngineRequestError(EngineError):
    """Known from Prisma Client Python; not raised here, where there is no engine."""

    def __init__(self, response: Any, body: str) -> None:
        super().__init__(f"{response.status}: {body}")
        self.response = response


class UnprocessableEntityError(EngineRequestError):
    """Known from Prisma Client Python; not raised here, where there is no engine."""

    def __init__(self, response: Any) -> None:
        super().__init__(response, "a malformed request")


#: What Prisma Client Python calls it when there is no connection.
EngineConnectionError = DatabaseConnectionError


class PrismaWarning(Warning):
    """The base of warnings."""


class UnsupportedSubclassWarning(PrismaWarning):
    """Known from Prisma Client Python; not given here."""


def _by_code(base: Type[PrismaError]) -> Dict[str, Type[PrismaError]]:
    found: Dict[str, Type[PrismaError]] = {}
    for kind in base.__subclasses__():
        # Why its own alone: the kinds of P2009 share one.
        if kind.__dict__.get("code"):
            found[kind.code] = kind
        found.update(_by_code(kind))
    return found


_ERRORS = _by_code(PrismaError)


#: The classes of requests that do not fit, by `meta.kind`, where the code has no class of its own.
_KINDS: Dict[str, Type[PrismaError]] = {
    "unknownField": FieldNotFoundError,
    "unknownArgument": FieldNotFoundError,
    "missing": MissingRequiredValueError,
    "wrongType": WrongTypeError,
    "unknownValue": InvalidValueError,
    "invalidValue": InvalidValueError,
    "outOfRange": InvalidValueError,
    "needsUnique": NotUniqueError,
}


def error_from(document: Optional[bytes], status: str) -> PrismaError:
    """The exception for an error document of the library."""
    if not document:
        return PrismaError(f"the library answered {status} without a reason", status=status)
    fields = json.loads(document)
    code = fields.get("code") or ""
    meta = fields.get("meta") or {}
    return _class_of(code, status, meta)(fields.get("message") or code, code=code, meta=meta, status=status)


def _class_of(code: str, status: str, meta: Dict[str, Any]) -> Type[PrismaError]:
    if status == "FORKED":
        return ForkedClientError
    if code == TransactionError.code and "already closed" in str(meta.get("error", "")):
        return TransactionExpiredError
    if code in _ERRORS and code != ValidationError.code:
        return _ERRORS[code]
    if code.startswith("P2") and "kind" in meta:
        return _KINDS.get(meta["kind"], FieldNotFoundError if code == ValidationError.code else ValidationError)
    if code == ValidationError.code:
        return FieldNotFoundError
    return DataError if code.startswith("P2") else AccelerateError if code[:2] in ("P5", "P6") else PrismaError
