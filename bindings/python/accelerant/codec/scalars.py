"""Values of the texts of an answer. A text that Python has no such value for (a year 10000, a time of 24:00) stays a text."""
from __future__ import annotations

import binascii
import datetime
import decimal
import re
from typing import Any, Callable, Dict

_LENGTH = 4096
_INTEGER = re.compile(r"-?[0-9]+").fullmatch
_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?").fullmatch
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z").fullmatch
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T.*)?", re.DOTALL).fullmatch
_TIME = re.compile(r"(1970-01-01T)?([0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?)(Z)?").fullmatch


class Memo(Dict[Any, Any]):
    """Values by their texts: those of a hot answer are asked for again and again, and cannot change.

    Why a dictionary: what it has costs no call of a function in Python."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: Any) -> Any:
        if len(self) >= _LENGTH:
            self.clear()
        value = self[text] = self._make(text)
        return value


def _six_digits(text: str) -> str:
    """Python before 3.11 reads three digits behind a point, or six."""
    whole, point, fraction = text.partition(".")
    return f"{whole}.{fraction:0<6}" if point else text


def datetime_from(text: Any) -> Any:
    """An aware datetime in UTC."""
    if type(text) is not str or not _MOMENT(text):
        return text
    try:
        return datetime.datetime.fromisoformat(_six_digits(text[:-1]) + "+00:00")
    except ValueError:
        return text


def date_from(text: Any) -> Any:
    """A date, also of the midnight that the library writes for one."""
    found = _DAY(text) if type(text) is str else None
    try:
        return datetime.date.fromisoformat(found[1]) if found else text
    except ValueError:
        return text


def time_from(text: Any) -> Any:
    """A time of day, also of the moment of 1970-01-01 that the library writes for one."""
    found = _TIME(text) if type(text) is str else None
    if found is None or (found[1] is None) != (found[4] is None):
        return text
    try:
        return datetime.time.fromisoformat(_six_digits(found[2]))
    except ValueError:
        return text


def float_from(value: Any) -> Any:
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else value


def integer_from(text: str) -> Any:
    """An int; a Decimal where Python refuses to make one of so many digits."""
    try:
        return int(text)
    except ValueError:
        return decimal.Decimal(text)


def bigint_from(text: Any) -> Any:
    if type(text) is not str:
        return text
    try:
        return int(text)
    except ValueError:
        return decimal.Decimal(text) if _INTEGER(text) else text


def decimal_from(value: Any) -> Any:
    """A Decimal of a text, or of a number as JSON was read."""
    return decimal.Decimal(value if type(value) is str else str(value)) if type(value) in (str, int, float) else value


def bytes_from(text: Any) -> Any:
    if type(text) is not str:
        return text
    try:
        return binascii.a2b_base64(text) if len(text) % 4 == 0 else text
    except ValueError:
        return text


def scaled(scale: int) -> Callable[[Any], Any]:
    """As `decimal_from`, with zeros behind the point up to `scale`."""

    def convert(value: Any) -> Any:
        text = value if type(value) is str else str(value)
        if not _DIGITS(text):
            return decimal_from(value)
        whole, _, fraction = text.partition(".")
        return decimal.Decimal(f"{whole}.{fraction:0<{scale}}")

    return convert


DATETIMES = Memo(datetime_from)
DATES = Memo(date_from)
TIMES = Memo(time_from)
DECIMALS = Memo(decimal_from)
_SCALED: Dict[int, Memo] = {}


def decimals(scale: int) -> Memo:
    if scale <= 0:
        return DECIMALS
    return _SCALED.setdefault(scale, Memo(scaled(scale)))
