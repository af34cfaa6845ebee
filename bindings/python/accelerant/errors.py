"""What can go wrong, named as Prisma Client Python names it where it has a name."""
from __future__ import annotations

import json
from typing import Any, Dict, Optional, Type


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


class LibraryNotFoundError(PrismaError):
    """libaccelerant.so is nowhere to be found."""


class ClientNotConnectedError(PrismaError):
    """The client was closed."""

    code = "P6010"


class ForkedClientError(PrismaError):
    """The client belongs to the parent process: open another one in the child."""


class DataError(PrismaError):
    """A query failed, or does not fit the schema."""

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
    """A transaction was to end before it had begun."""

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
    """`User.prisma()` without a client that was given to `register`."""


class ClientAlreadyRegisteredError(PrismaError):
    """`register` was called twice."""


class BuilderError(PrismaError):
    """A call that no request can be made of."""


class InvalidModelError(BuilderError):
    """A class of records that belongs to no model."""


class UnknownModelError(BuilderError):
    """No model of the schema is called so."""


class UnknownRelationalFieldError(BuilderError):
    """No relation of the model is called so."""


class GeneratorError(PrismaError):
    """The client cannot be generated."""


class UnsupportedListTypeError(GeneratorError):
    """Known from Prisma Client Python; not raised here, where every type can be a list."""


class UnsupportedDatabaseError(PrismaError):
    """Known from Prisma Client Python; not raised here, where every database is PostgreSQL."""


class HTTPClientClosedError(PrismaError):
    """Known from Prisma Client Python; not raised here, where there is no HTTP client."""


class EngineError(PrismaError):
    """Known from Prisma Client Python; not raised here, where there is no engine."""


class AlreadyConnectedError(EngineError):
    """Known from Prisma Client Python; not raised here, where a client that is connected may be connected."""


class NotConnectedError(EngineError):
    """Known from Prisma Client Python; here it is `ClientNotConnectedError`."""


class BinaryNotFoundError(EngineError):
    """Known from Prisma Client Python; here it is `LibraryNotFoundError`."""


class EngineRequestError(EngineError):
    """Known from Prisma Client Python; not raised here, where there is no engine."""


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
