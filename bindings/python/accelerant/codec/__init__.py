"""Requests as JSON text, and answers as Python values: in Python, and by the optional module in C where it is there."""
from __future__ import annotations

import decimal
import json
from typing import Any, Callable, Optional

from . import encoding, text
from .special import special


def configured(module: Any) -> Any:
    """The module in C, knowing what it has to know of this package."""
    module.configure(special, decimal.Decimal)
    return module


def head_of(model: str, operation: str) -> bytes:
    """How a request begins whose arguments follow."""
    return b'{"model":%b,"operation":%b,"args":{' % (json.dumps(model).encode(), json.dumps(operation).encode())


class Codec:
    """How a client writes its requests and reads its answers."""

    def __init__(self, mode: int, module: Any) -> None:
        self._mode = mode
        self._module = module
        #: The value of a hit, or bytes: the request's text to ask by. None where the module in C is not there. Takes the client's handle,
        #: the request, what the answer becomes, and the mode.
        self.find: Optional[Callable[[Any, Any, Any, int], Any]] = module and module.find
        #: The answer's text of a hit or None, and the request's text.
        #: As `find`, for a plan that was made before and the arguments of one call; NotImplemented where they need a closer look.
        self.quick: Optional[Callable[..., Any]] = module and module.quick
        self.quick_named: Optional[Callable[..., Any]] = module and module.quick_named
        self.find_bytes: Optional[Callable[[Any, Any, int], Any]] = module and module.find_bytes

    def encode(self, document: Any, is_trusted: bool = False) -> bytes:
        """A request as JSON text. `is_trusted`: tagged values may stand in it as dictionaries."""
        if self._module is not None:
            return self._module.encode(document, self._mode, is_trusted)  # type: ignore[no-any-return]
        return encoding.encode(document, self._mode, is_trusted)

    def read(self, answer: bytes, decode: Optional[Callable[[Any], Any]]) -> Any:
        """The data of an answer: by a form, or by whatever converts what JSON has."""
        if self._module is not None:
            return self._module.decode(answer, decode)
        data = text.read(answer)
        return data if decode is None else decode(data)
