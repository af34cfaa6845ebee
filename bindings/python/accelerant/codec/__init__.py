"""Requests as JSON text, and answers as Python values: in Python, and by the optional module in C where it is there."""
from __future__ import annotations

import decimal
from typing import Any

from . import kinds
from .special import special


def configured(module: Any) -> Any:
    """The module in C, knowing what it has to know of this package."""
    module.configure(special, decimal.Decimal, kinds.OF_RAW_TYPES)
    return module
