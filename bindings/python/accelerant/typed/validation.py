"""Checks data of unknown origin against a TypedDict: `validate(types.UserCreateInput, data)`."""
from __future__ import annotations

import datetime
import decimal
import enum
import sys
import typing
from typing import Any, Dict, List, Literal, Mapping, Type, TypeVar, Union

T = TypeVar("T")


class InputValidationError(ValueError):
    """Data that does not fit: `errors` says where, and what was expected there."""

    def __init__(self, name: str, errors: List[Dict[str, str]]) -> None:
        super().__init__(f"{len(errors)} validation error{'s' if len(errors) > 1 else ''} for {name}\n" + "\n".join(
            f"{error['path']}\n  {error['expected']}" for error in errors))
        self._errors = errors

    def errors(self) -> List[Dict[str, str]]:
        return self._errors


def validate(type: Type[T], data: Any) -> T:
    """Data that fits a TypedDict, as it is, texts for times and numbers turned into these. InputValidationError where it does not fit."""
    if not hasattr(type, "__total__"):
        raise TypeError(f"Only TypedDict types are supported, got: {type} instead.")
    check = _Check(type)
    found = check.dictionary(type, data, "")
    if check.errors:
        raise InputValidationError(type.__name__, check.errors)
    return typing.cast(T, found)


class _Check:
    """One look at data, which gathers what is wrong."""

    def __init__(self, kind: Any) -> None:
        self.errors: List[Dict[str, str]] = []
        found: Any = getattr(sys.modules[kind.__module__], "__getattr__", None)
        # The names that the types of a generated package may use.
        self._space = found.__self__.resolved() if hasattr(found, "__self__") else vars(sys.modules[kind.__module__])

    def wrong(self, path: str, expected: str) -> None:
        self.errors.append({"path": path or "(all)", "expected": expected})

    def dictionary(self, kind: Any, data: Any, path: str) -> Any:
        if not isinstance(data, Mapping):
            return self.wrong(path, "a dictionary")
        hints = typing.get_type_hints(kind, None, self._space)
        found = {}
        for name, value in data.items():
            place = f"{path}.{name}" if path else str(name)
            if name not in hints:
                self.wrong(place, f"no field of {kind.__name__} is called so")
            else:
                found[name] = self._value(hints[name], value, place)
        for name in sorted(kind.__required_keys__):
            if name not in data:
                self.wrong(f"{path}.{name}" if path else name, "field required")
        return found

    def _value(self, kind: Any, value: Any, path: str) -> Any:
        origin, args = typing.get_origin(kind), typing.get_args(kind)
        if kind is Any:
            return value
        if origin is Union:
            return self._union(args, value, path)
        if origin is Literal:
            return value if value in args else self.wrong(path, f"one of {', '.join(map(repr, args))}")
        if origin is list:
            if not isinstance(value, (list, tuple)):
                return self.wrong(path, "a list")
            return [self._value(args[0], item, f"{path}[{index}]") for index, item in enumerate(value)]
        if origin is not None:
            # A mapping or a sequence of JSON.
            return value if isinstance(value, origin) and not isinstance(value, str) else self.wrong(path, "a JSON value")
        if hasattr(kind, "__total__"):
            return self.dictionary(kind, value, path)
        return _single(kind, value) if _fits(kind, value) else self.wrong(path, f"a {getattr(kind, '__name__', kind)}")

    def _union(self, kinds: Any, value: Any, path: str) -> Any:
        before, tried = self.errors, []
        for kind in kinds:
            self.errors = []
            found = self._value(kind, value, path)
            if not self.errors:
                self.errors = before
                return found
            tried.append(self.errors)
        # What came nearest tells most.
        self.errors = before + max(tried, key=lambda errors: max(error["path"].count(".") for error in errors))
        return None


_MOMENTS = (datetime.datetime, datetime.date, datetime.time)


def _single(kind: Any, value: Any) -> Any:
    """A value as its type has it; ValueError where it is none."""
    if kind is type(None) or isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is decimal.Decimal and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return decimal.Decimal(str(value))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    if kind in _MOMENTS and isinstance(value, str):
        return kind.fromisoformat(value.replace("Z", "+00:00"))
    raise ValueError("another type")


def _fits(kind: Any, value: Any) -> bool:
    if kind is type(None):
        return value is None
    try:
        _single(kind, value)
    except (ValueError, TypeError, ArithmeticError):
        return False
    return True
