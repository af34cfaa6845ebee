"""Fields that are called as a type is, such as `int` or `datetime`: in the body of their class the types get other names."""
from __future__ import annotations

import re
from typing import AbstractSet, Dict, List

#: What a class says instead of a name that one of its fields has.
_OTHERS: Dict[str, str] = {
    **{name: f"_builtins.{name}" for name in ("bool", "bytes", "float", "int", "property", "str")},
    **{name: f"_{name}" for name in ("datetime", "decimal", "enums", "fields", "models", "types", "uuid")},
    **{name: f"_typing.{name}" for name in ("Any", "Dict", "List", "Literal", "Optional", "Union")},
}
#: What brings these other names.
IMPORTS = (
    "import builtins as _builtins\nimport datetime as _datetime\nimport decimal as _decimal\nimport typing as _typing\nimport uuid as _uuid\n")
_NAME = re.compile(r"""(?<![\w.'"])[A-Za-z]\w*(?![\w'"])""")


def unshadowed(lines: List[str]) -> List[str]:
    """The lines `name: type` of a class, with types that none of its own names hides."""
    hidden = {line.partition(":")[0].strip() for line in lines} & _OTHERS.keys()
    return [_renamed(line, hidden) for line in lines] if hidden else lines


def qualified(line: str) -> str:
    """A line `name: type` in a file whose classes may be called as types are."""
    return _renamed(line, _OTHERS.keys())


def _renamed(line: str, hidden: AbstractSet[str]) -> str:
    name, colon, kind = line.partition(":")
    return name + colon + _NAME.sub(lambda found: _OTHERS[found.group()] if found.group() in hidden else found.group(), kind)
