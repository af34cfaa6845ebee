"""How an answer becomes values: by the members of a model's objects."""
from __future__ import annotations

from collections import deque
from itertools import repeat
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, cast

from . import kinds, scalars
from .kinds import Member

Convert = Callable[[Any], Any]
#: A member that changes: its key, what converts one value, whether that is an object, and what converts all values at once.
_Changing = Tuple[str, Convert, bool, Optional[Convert]]
#: So many rows are converted one by one: what is done for all at once has a price of its own.
_FEW = 4
_new = object.__new__
_set = object.__setattr__

_OF_KINDS: Dict[int, Convert] = {
    kinds.FLOAT: scalars.float_from,
    kinds.BIGINT: scalars.bigint_from,
    kinds.DECIMAL: scalars.DECIMALS.__getitem__,
    kinds.DATETIME: scalars.DATETIMES.__getitem__,
    kinds.DATE: scalars.DATES.__getitem__,
    kinds.TIME: scalars.TIMES.__getitem__,
    kinds.BYTES: scalars.bytes_from,
}


#: What converts all values of a member at once, None among them, as long as none of them is unusual.
_AT_ONCE: Dict[int, Convert] = {kinds.BIGINT: int}


def _at_once(kind: int, convert: Convert) -> Optional[Convert]:
    return convert if kind in (kinds.DECIMAL, kinds.DATETIME, kinds.DATE, kinds.TIME) else _AT_ONCE.get(kind)


def converter(kind: int, target: Any = None, scale: int = -1) -> Optional[Convert]:
    """What makes a scalar of what JSON has; None where that is the same."""
    if kind == kinds.DECIMAL and scale > 0:
        return scalars.decimals(scale).__getitem__
    if kind == kinds.BYTES and target is not None:
        return lambda text: target(text.encode("ascii"))
    if kind == kinds.ENUM and target is not None:
        return lambda name: target.get(name, name)
    if kind == kinds.CALL:
        return target  # type: ignore[no-any-return]
    return _OF_KINDS.get(kind)


def converted(value: Any, convert: Convert) -> Any:
    """A value, or each of a list, as deep as lists stand in it."""
    if type(value) is list:
        return [converted(item, convert) for item in value]
    return None if value is None else convert(value)


def _convert(rows: List[Any], key: str, convert: Convert, is_object: bool, at_once: Optional[Convert]) -> None:
    """One member of each row that has it."""
    if at_once is not None and len(rows) > _FEW:
        try:
            # Why so: no bytecode runs for the values themselves.
            for row, value in zip(rows, list(map(at_once, [row[key] for row in rows]))):
                row[key] = value
            return
        except (KeyError, TypeError, ValueError):
            # Some rows lack it, or it is a list, or no such number: one by one.
            pass
    rest = iter(rows)
    for row in rest:
        try:
            value = row[key]
        except (KeyError, TypeError):
            break
        if type(value) is str:
            row[key] = convert(value)
        elif is_object:
            row[key] = convert(value)
        elif value is not None and type(value) is not float:
            row[key] = converted(value, convert)
    for row in rest:
        if type(row) is dict and row.get(key) is not None:
            row[key] = convert(row[key]) if is_object else converted(row[key], convert)


class Form:
    """How objects of a model are read: as dictionaries, or as instances of `record`.

    Calling it converts what JSON gave, which is not to be used afterwards: an object, a list of objects, or None.
    """

    def __init__(self, members: Callable[[], Sequence[Member]], record: Optional[type] = None, native: Any = None) -> None:
        self._members = members
        #: The module in C that `in_c` is of.
        self.module = native
        self._record = record
        self._parts: Optional[Tuple[List[_Changing], Dict[str, str]]] = None
        #: The same for the module in C, which asks for the members when it first needs them; None where there is no such module.
        self.in_c: Any = None if native is None else native.Shape(record, self._define)

    # In Python

    def _prepare(self) -> Tuple[List[_Changing], Dict[str, str]]:
        """The members that change, and those that are renamed. Not made before: relations lead in circles."""
        changing: List[_Changing] = []
        renamed = {}
        for member in self._members():
            is_object = member.kind == kinds.OBJECT
            convert = member.target if is_object else converter(member.kind, member.target, member.scale)
            if convert is not None:
                changing.append((member.key, convert, is_object, None if is_object else _at_once(member.kind, convert)))
            if member.key != member.name:
                renamed[member.key] = member.name
        self._parts = changing, renamed
        return self._parts

    def __call__(self, value: Any) -> Any:
        if type(value) is list:
            return self._all(value)
        return self._all([value])[0] if type(value) is dict else value

    def _all(self, rows: List[Any]) -> List[Any]:
        changing, renamed = self._parts or self._prepare()
        # Why member by member: one way through the rows for each costs half of one way through the members for each row.
        for key, convert, is_object, at_once in changing:
            _convert(rows, key, convert, is_object, at_once)
        if renamed:
            rows = [{renamed.get(key, key): value for key, value in row.items()} if type(row) is dict else row for row in rows]
        return rows if self._record is None else self._made(rows)

    def _made(self, rows: List[Any]) -> List[Any]:
        kind = cast(Any, self._record)
        if len(rows) > _FEW:
            records = list(map(_new, repeat(kind, len(rows))))
            try:
                # Why so: no bytecode runs for each record.
                deque(map(_set, records, repeat("__dict__"), rows), 0)
                return records
            except TypeError:
                # One of them is no object.
                pass
        made: List[Any] = []
        for values in rows:
            record: Any = values
            if type(values) is dict:
                record = _new(kind)
                _set(record, "__dict__", values)
            made.append(record)
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
