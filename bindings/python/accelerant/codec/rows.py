"""Functions that convert rows of dictionaries in place: one way through the rows, with a statement for each member.

They are made as text, since a loop over the members of each row would cost a third more."""
from __future__ import annotations

from typing import Any, Callable, Dict, List, Sequence, Tuple

from . import kinds
from .scalars import Memo, float_from

Convert = Callable[[Any], Any]
#: Converts rows in place. KeyError where one lacks a member; TypeError, ValueError and OverflowError where a value is unusual, as a list is.
#: Values that it has converted until then are converted to themselves by whoever goes on.
Rows = Callable[[List[Any]], None]


class Names(Dict[Any, Any]):
    """What names stand for; others stand for themselves."""

    def __missing__(self, name: Any) -> Any:
        return name


def float_of(value: Any) -> Any:
    """A value of a column of floats that JSON did not make a float of."""
    if type(value) is list:
        raise TypeError("a list, which goes the longer way")
    return float_from(value)


def rows_function(members: Sequence[Tuple[str, int, Convert]]) -> Rows:
    """The function for members: their keys, their kinds, and what converts one value of them."""
    space: Dict[str, Any] = {"float_of": float_of}
    lines = []
    for number, (key, kind, convert) in enumerate(members):
        value, name = f"row[{key!r}]", f"convert_{number}"
        space[name] = convert
        lines += _statements(kind, convert, value, name, space)
    body = "".join(f"        {line}\n" for line in lines) or "        pass\n"
    exec(compile(f"def convert(rows):\n    for row in rows:\n{body}", "rows", "exec"), space)
    found: Rows = space["convert"]
    return found


def _statements(kind: int, convert: Convert, value: str, name: str, space: Dict[str, Any]) -> List[str]:
    memo = getattr(convert, "__self__", None)
    if isinstance(memo, (Memo, Names)):
        # Why without a call: what the memo has is found by one instruction.
        space[name] = memo
        return [f"{value} = {name}[{value}]"]
    if kind == kinds.BIGINT:
        return [f"value = {value}", f"if value is not None: {value} = int(value)"]
    if kind == kinds.FLOAT:
        # Why one question: nearly all of them are.
        return [f"value = {value}", f"if type(value) is not float: {value} = float_of(value)"]
    return [f"value = {value}", f"if type(value) is str: {value} = {name}(value)", "elif type(value) is list: raise TypeError"]
