"""Requests and Json data as JSON text, in Python; `_native` does the same in C."""
from __future__ import annotations

import json
import math
from typing import Any, Iterator, List, NoReturn, Tuple, Union

from .special import DATA, LOCAL_REQUEST, REQUEST, special, tagged

#: How deep lists and dictionaries may stand in each other. The library takes 128; whoever holds itself is deeper.
DEPTH = 512


def _quick(mode: int) -> json.JSONEncoder:
    return json.JSONEncoder(
        separators=(",", ":"), allow_nan=False, check_circular=False, ensure_ascii=False, default=lambda value: special(value, mode))


_QUICK = {mode: _quick(mode) for mode in (REQUEST, LOCAL_REQUEST)}
_quote = json.encoder.encode_basestring  # type: ignore[attr-defined]


def encode(document: Any, mode: int = REQUEST, is_trusted: Any = False) -> bytes:
    """A request as JSON text. What cannot stand in one is a TypeError or a ValueError that names its place.

    `is_trusted`: tagged values may stand in it as dictionaries."""
    try:
        if _is_simple(document, is_trusted):
            return _QUICK[mode].encode(document).encode("utf-8")
    except (TypeError, ValueError, RecursionError):
        pass  # By hand it is found where that is.
    return _Writer(mode, bool(is_trusted)).written(document).encode("utf-8")


def encode_json(value: Any) -> str:
    """Data of a Json field as JSON text."""
    return _Writer(DATA, True).written(value)


def _is_simple(document: Any, is_trusted: Any) -> bool:
    """True where `json` writes what is meant: it makes texts of numbers that are keys."""
    rest: List[Any] = [document]
    count = 0
    while rest:
        value = rest.pop()
        kind = type(value)
        if kind is dict:
            for key in value:
                if type(key) is not str or (key == "$type" and not is_trusted):
                    return False
            rest.extend(value.values())
        elif kind is list or kind is tuple:
            rest.extend(value)
        elif kind is float:
            if not math.isfinite(value):
                return False
        elif isinstance(value, (dict, float)):
            return False
        count += 1
        if count > 100_000:
            return False
    return True


class _Open:
    """A list or dictionary whose end has not come."""

    def __init__(self, value: Any, is_trusted: bool) -> None:
        self.is_dictionary = isinstance(value, dict)
        self.rest: Iterator[Any] = iter(list(value.items())) if self.is_dictionary else enumerate(list(value))
        self.key: Any = None
        self.is_empty = True
        self.is_trusted = is_trusted


class _Writer:
    """Writes one document, value after value, without recursion."""

    def __init__(self, mode: int, is_trusted: bool) -> None:
        self._mode = mode
        self._in_json = mode == DATA
        self._is_trusted = is_trusted
        self._parts: List[str] = []
        self._open: List[_Open] = []

    def written(self, document: Any) -> str:
        try:
            self._write(document, self._is_trusted)
            while self._open:
                top = self._open[-1]
                found = next(top.rest, None)
                if found is None:
                    self._parts.append("}" if top.is_dictionary else "]")
                    self._open.pop()
                    continue
                top.key = found[0]
                if not top.is_empty:
                    self._parts.append(",")
                top.is_empty = False
                if top.is_dictionary:
                    self._write_key(top)
                self._write(found[1], top.is_trusted)
        except (TypeError, ValueError) as error:
            self._locate(error)
        return "".join(self._parts)

    def _locate(self, error: Union[TypeError, ValueError]) -> NoReturn:
        """Raises the error again, with the place before its message: `args.data.0.at`."""
        if not self._open or len(self._open) == DEPTH:
            raise error
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"`{'.'.join(str(inside.key) for inside in self._open)}`: {error}") from None

    def _write_key(self, top: _Open) -> None:
        if not isinstance(top.key, str):
            raise TypeError("a key has to be a text")
        if top.key == "$type" and not top.is_trusted and not self._in_json:
            raise TypeError("a dictionary with the key `$type` is taken for a tag: give data as Json(…)")
        self._parts.append(self._text(top.key) + ":")

    def _write(self, value: Any, is_trusted: bool) -> None:
        for _ in range(9):
            text, is_open = self._plain(value)
            if is_open:
                if len(self._open) == DEPTH:
                    raise ValueError(f"is nested more than {DEPTH} levels deep, or holds itself")
                self._open.append(_Open(value, is_trusted))
            if text is not None:
                return self._parts.append(text)
            value, is_trusted = special(value, self._mode), True
        raise TypeError("a value stands for no value")

    def _plain(self, value: Any) -> Tuple[Any, bool]:
        """The text of a value that JSON has, or the beginning of it."""
        if isinstance(value, str):
            return self._text(value), False
        if value is None:
            return "null", False
        if value is True or value is False:
            return "true" if value else "false", False
        if isinstance(value, int):
            return int.__repr__(value), False
        if isinstance(value, float):
            return self._float(value), False
        if isinstance(value, dict):
            return "{", True
        if isinstance(value, (list, tuple)):
            return "[", True
        return None, False

    @staticmethod
    def _text(value: str) -> str:
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("a text holds half of a surrogate pair, which is no character") from None
        return str(_quote(value))

    def _float(self, value: float) -> str:
        text = float.__repr__(value)
        if not math.isfinite(value):
            word = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
            if self._in_json:
                raise TypeError(f"a Json value cannot hold {word}")
            return json.dumps(tagged("Decimal", word), separators=(",", ":"))
        digits, mark, exponent = text.partition("e")
        if not self._in_json or not mark or exponent.startswith("-"):
            return text
        # Why: jsonb would take `1e+16` for a whole number.
        whole, _, fraction = digits.partition(".")
        return f"{whole}{fraction}{'0' * (int(exponent) - len(fraction))}.0"
