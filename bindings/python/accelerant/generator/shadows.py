"""Fields that are called as a type is, such as `int` or `datetime`: in the body of their class the types get other names."""
from __future__ import annotations

import re
from typing import Dict, Iterable, List

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


def unshadowed(lines: List[str], models: Iterable[str] = ()) -> List[str]:
    """The lines `name: type` of a class, with types that none of its own names hides. A model's class is found in `_models`, too."""
    others = {**_OTHERS, **{name: f"_models.{name}" for name in models}}
    hidden = {line.partition(":")[0].strip() for line in lines} & others.keys()
    if not hidden:
        return lines

    def other(found: "re.Match[str]") -> str:
        name = found.group()
        return others[name] if name in hidden else name

    found = []
    for line in lines:
        name, colon, kind = line.partition(":")
        found.append(name + colon + _NAME.sub(other, kind))
    return found
