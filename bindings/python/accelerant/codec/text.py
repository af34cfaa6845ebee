"""JSON text as Python's values, where the standard library gives up: nested very deep, or numbers of very many digits."""
from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, List, Tuple

from .scalars import integer_from



def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_read = json.JSONDecoder(parse_constant=_refuse).raw_decode
_TOKEN = re.compile(r'[ \t\n\r]*(?:([{}\[\],:"])|(-?[0-9]+)((?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|(true|false|null))')
_END_OF_LIST = re.compile(r"[ \t\n\r]*\]")
_LITERALS = {"true": True, "false": False, "null": None}


def read(text: bytes) -> Any:
    """The value of an answer's text."""
    # Why not `json.loads`: of bytes it guesses the encoding first, which costs as much as reading 1 KB.
    document = str(text, "utf-8")
    try:
        value, end = _read(document)
    except (ValueError, RecursionError):
        return _read_by_hand(document)
    if end != len(document) and document[end:].strip(" \t\n\r"):
        raise ValueError(f"the answer is no JSON, at character {end}")
    return value


def _read_by_hand(text: str) -> Any:
    """Without recursion: what is open stands in a list, an object with the key whose value comes next."""
    open_: List[Tuple[Any, Any]] = []
    position, key = 0, None
    while True:
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"the answer is no JSON, at character {position}")
        mark, position = found[1], found.end()
        value: Any
        if mark == "{" or mark == "[":
            open_.append(({} if mark == "{" else [], key))
            key = None
            if mark == "{":
                key, position, is_empty = _key(text, position)
                if not is_empty:
                    continue
            else:
                end = _END_OF_LIST.match(text, position)
                if end is None:
                    continue
                position = end.end()
            value, key = open_.pop()
        elif mark == '"':
            value, position = scanstring(text, position)
        elif found[2] is not None:
            value = float(found[2] + found[3]) if found[3] else integer_from(found[2])
        elif found[4] is not None:
            value = _LITERALS[found[4]]
        else:
            raise ValueError(f"the answer is no JSON, at character {position}")
        while open_:
            inside = open_[-1][0]
            if type(inside) is list:
                inside.append(value)
            else:
                inside[key] = value
            found = _TOKEN.match(text, position)
            if found is None or found[1] not in (",", "]", "}"):
                raise ValueError(f"the answer is no JSON, at character {position}")
            position = found.end()
            if found[1] == ",":
                if type(inside) is dict:
                    key, position, _ = _key(text, position)
                break
            value, key = open_.pop()
        else:
            if text[position:].strip(" \t\n\r"):
                raise ValueError(f"the answer is no JSON, at character {position}")
            return value


def _key(text: str, position: int) -> Tuple[Any, int, bool]:
    """The next key of an object and where its value begins; or that the object ends here."""
    found = _TOKEN.match(text, position)
    if found is not None and found[1] == "}":
        return None, found.end(), True
    if found is None or found[1] != '"':
        raise ValueError(f"the answer is no JSON, at character {position}")
    key, position = scanstring(text, found.end())
    colon = _TOKEN.match(text, position)
    if colon is None or colon[1] != ":":
        raise ValueError(f"the answer is no JSON, at character {position}")
    return key, colon.end(), False
