"""What a member of an answer becomes in Python: the kinds that both decoders know, the one in Python and the one in C."""
from __future__ import annotations

from typing import Any, Dict, NamedTuple

#: As JSON has it.
PLAIN = 0
FLOAT = 1
BIGINT = 2
DECIMAL = 3
DATETIME = 4
DATE = 5
TIME = 6
#: `target`: what is called with the base64 as bytes; None makes `bytes`.
BYTES = 7
#: One of few names. `target`: a dictionary from names to members, or None; a name that is not in it stays a name.
ENUM = 8
#: `target`: what is called with the text.
CALL = 9
#: `target`: the form of an object, or of each object of a list.
OBJECT = 10


class Member(NamedTuple):
    """One member of the objects of a model."""

    #: In the answer.
    key: str
    #: In Python: a key, or an attribute.
    name: str
    kind: int
    target: Any = None
    #: How many digits a Decimal has behind the point at least; -1 leaves them as they are.
    scale: int = -1


#: Of the types of raw columns, as the library names them. Others stay what JSON has.
OF_RAW_TYPES: Dict[str, int] = {
    "bigint": BIGINT, "float": FLOAT, "double": FLOAT, "decimal": DECIMAL, "bytes": BYTES, "datetime": DATETIME, "date": DATE, "time": TIME,
}
OF_RAW_TYPES.update({f"{name}-array": kind for name, kind in list(OF_RAW_TYPES.items())})
