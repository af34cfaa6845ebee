"""What is wrong with values that make no record, and how that is told."""
from __future__ import annotations

import sys
from typing import Any, Dict, List, NamedTuple, Tuple, Union


class Fault(NamedTuple):
    """One value that is missing or does not fit."""

    #: Attributes and positions in lists, from the outermost.
    place: Tuple[Union[str, int], ...]
    #: What is wrong, in words.
    text: str
    #: The kind of its field, or pydantic's name for the fault.
    kind: str
    #: The class that the value should have been of.
    target: Any = None


Faults = List[Fault]


class Misfit(ValueError):
    """A value with faults inside."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self.faults = faults


class RecordError(ValueError):
    """Values that make no record: `fields` says of each field what is wrong."""

    def __init__(self, kind: str, fields: Dict[str, str]) -> None:
        super().__init__(f"no {kind}: " + "; ".join(f"`{name}` {text}" if name else text for name, text in fields.items()))
        self.fields = fields


#: Pydantic's names for a value that is not of a field's type.
_OF_KINDS = {
    "String": "string_type", "Boolean": "bool_type", "Int": "int_type", "BigInt": "int_type", "Float": "float_type", "Decimal": "decimal_type",
    "DateTime": "datetime_type", "Date": "date_type", "Time": "time_type", "Uuid": "uuid_type", "Bytes": "bytes_type", "Relation": "model_type",
    "missing": "missing", "list_type": "list_type", "model_type": "model_type",
}


def refusal(kind: str, faults: Faults) -> ValueError:
    """The error of values that make no record of a class. No text holds one of them.

    Programs that used Prisma Client Python catch pydantic's ValidationError. So it is that one where pydantic is loaded, else a RecordError."""
    core = sys.modules.get("pydantic_core")
    if core is None:
        return RecordError(kind, {".".join(map(str, fault.place)): fault.text for fault in faults})
    found: ValueError = core.ValidationError.from_exception_data(kind, [_detail(core, fault) for fault in faults], hide_input=True)
    return found


def _detail(core: Any, fault: Fault) -> Dict[str, Any]:
    detail: Dict[str, Any] = {"loc": fault.place, "input": None, "type": _OF_KINDS.get(fault.kind)}
    if fault.kind == "Enum":
        names = [repr(member.value) for member in fault.target] if fault.target is not None else ["a text"]
        expected = ", ".join(names[:-1]) + " or " + names[-1] if len(names) > 1 else names[0]
        detail.update(type="enum", ctx={"expected": expected})
    elif detail["type"] == "model_type":
        detail["ctx"] = {"class_name": getattr(fault.target, "__name__", str(fault.target))}
    elif detail["type"] is None:
        detail["type"] = core.PydanticCustomError("value_error", "The value {text}", {"text": fault.text})
    return detail
