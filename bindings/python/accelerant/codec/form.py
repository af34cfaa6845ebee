"""How an answer becomes values: by the members of a model's objects."""
from __future__ import annotations

from itertools import repeat
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, cast

from . import kinds, scalars
from ..records.record import Record, make
from .kinds import Member
from .rows import Names, Rows, rows_function

Convert = Callable[[Any], Any]
#: A member that changes: its key, its kind, and what converts one value.
_Changing = Tuple[str, int, Convert]
_new: Any = object.__new__
#: Sets the `__dict__` of a record.
_set: Any = Record.__dict__["__dict__"].__set__

_OF_KINDS: Dict[int, Convert] = {
    kinds.FLOAT: scalars.float_from,
    kinds.BIGINT: scalars.bigint_from,
    kinds.DECIMAL: scalars.DECIMALS.__getitem__,
    kinds.DATETIME: scalars.DATETIMES.__getitem__,
    kinds.DATE: scalars.DATES.__getitem__,
    kinds.TIME: scalars.TIMES.__getitem__,
    kinds.BYTES: scalars.bytes_from,
}


def converter(kind: int, target: Any = None, scale: int = -1) -> Optional[Convert]:
    """What makes a scalar of what JSON has; None where that is the same."""
    if kind == kinds.DECIMAL and scale > 0:
        return scalars.decimals(scale).__getitem__
    if kind == kinds.BYTES and target is not None:
        return lambda text: target(text.encode("ascii"))
    if kind == kinds.ENUM and target is not None:
        return Names(target).__getitem__
    if kind == kinds.CALL:
        return target  # type: ignore[no-any-return]
    return _OF_KINDS.get(kind)


def converted(value: Any, convert: Convert) -> Any:
    """A value, or each of a list, as deep as lists stand in it."""
    if type(value) is list:
        return [converted(item, convert) for item in value]
    return None if value is None else convert(value)


#: So many shapes of rows of one form are known at once.
_FUNCTIONS = 64
#: What JSON has, and conversion changes. Why no others: these have been converted already.
_OF_JSON = frozenset({str, int, float, list})


def _convert(rows: List[Any], members: List[_Changing]) -> None:
    """The members that each row has."""
    for row in rows:
        if type(row) is dict:
            for key, _, convert in members:
                if type(row.get(key)) in _OF_JSON:
                    row[key] = converted(row[key], convert)


class Form:
    """How objects of a model are read: as dictionaries, or as instances of `record`.

    Calling it converts what JSON gave, which is not to be used afterwards: an object, a list of objects, or None.
    """

    def __init__(self, members: Callable[[], Sequence[Member]], record: Optional[type] = None, native: Any = None) -> None:
        self._members = members
        #: The module in C that `in_c` is of.
        self.module = native
        self._record = record
        self._parts: Optional[Tuple[List[_Changing], List[Tuple[str, Convert]], Dict[str, str]]] = None
        #: What converts the scalars of rows, by the keys that these have, and the scalars that are not among these.
        self._functions: Dict[Tuple[str, ...], Tuple[Rows, List[_Changing]]] = {}
        #: The same for the module in C, which asks for the members when it first needs them; None where there is no such module.
        self.in_c: Any = None if native is None else native.Shape(record, self._define)

    # In Python

    def _prepare(self) -> Tuple[List[_Changing], List[Tuple[str, Convert]], Dict[str, str]]:
        """The scalars that change, the objects, and the members that are renamed. Not made before: relations lead in circles."""
        scalar: List[_Changing] = []
        objects: List[Tuple[str, Convert]] = []
        renamed = {}
        for member in self._members():
            if member.kind == kinds.OBJECT:
                objects.append((member.key, member.target))
            else:
                convert = converter(member.kind, member.target, member.scale)
                if convert is not None:
                    scalar.append((member.key, member.kind, convert))
            if member.key != member.name:
                renamed[member.key] = member.name
        self._parts = scalar, objects, renamed
        return self._parts

    def _function(self, keys: Tuple[str, ...], scalar: List[_Changing]) -> Tuple[Rows, List[_Changing]]:
        """What converts rows of these keys."""
        if len(self._functions) >= _FUNCTIONS:
            self._functions.clear()
        absent = [member for member in scalar if member[0] not in keys]
        found = self._functions[keys] = rows_function([member for member in scalar if member[0] in keys]), absent
        return found

    def __call__(self, value: Any) -> Any:
        if type(value) is list:
            return self._all(value)
        return self._all([value])[0] if type(value) is dict else value

    def _all(self, rows: List[Any]) -> List[Any]:
        scalar, objects, renamed = self._parts or self._prepare()
        keys = tuple(rows[0]) if rows and type(rows[0]) is dict else ()
        try:
            function, absent = self._functions.get(keys) or self._function(keys, scalar)
            function(rows)
            if absent and any(tuple(row) != keys for row in rows):
                _convert(rows, absent)
        except (KeyError, TypeError, ValueError, OverflowError):
            # Some rows lack a member, or a value is unusual: one by one.
            _convert(rows, scalar)
        for key, convert in objects:
            for row in rows:
                if type(row) is dict and key in row:
                    row[key] = convert(row[key])
        if renamed:
            rows = [{renamed.get(key, key): value for key, value in row.items()} if type(row) is dict else row for row in rows]
        return rows if self._record is None else self._made(rows)

    def _made(self, rows: List[Any]) -> List[Any]:
        kind = cast(Any, self._record)
        # Why no loop: these two ways through the rows run no code of Python's.
        made = list(map(_new, repeat(kind, len(rows))))
        try:
            any(map(_set, made, rows))
        except TypeError:
            # A row is no object, but null.
            return [make(kind, values) if type(values) is dict else values for values in rows]
        return made

    def _define(self, shape: Any) -> None:
        shape.define([
            (key, name, kind, target.in_c if kind == kinds.OBJECT else target, scale)
            for key, name, kind, target, scale in self._members()])


class Table:
    """How the answer of a raw query with types is read: rows as dictionaries, with the values that the types of the columns have."""

    def __init__(self, of_types: Dict[str, Any]) -> None:
        #: A kind by the name of a type, or what is called with the text.
        self.in_c = of_types

    def _converter(self, name: str) -> Optional[Convert]:
        kind = self.in_c.get(name, kinds.PLAIN)
        return converter(kind) if type(kind) is int else kind

    def __call__(self, answer: Any) -> Any:
        # A script whose statements have no rows gives their number.
        if type(answer) is not dict:
            return answer
        columns, rows = answer["columns"], answer["rows"]
        for position, name in enumerate(answer["types"]):
            convert = self._converter(name)
            if convert is None:
                continue
            for row in rows:
                row[position] = converted(row[position], convert)
        return [dict(zip(columns, row)) for row in rows]


TABLE = Table(kinds.OF_RAW_TYPES)
