"""An answer and its info."""
from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from ...types import AccelerateInfo, Answer

T = TypeVar("T")

if TYPE_CHECKING:

    class InfoAnswer(NamedTuple, Generic[T]):
        """An answer and its info."""

        data: T
        info: AccelerateInfo

else:
    # Why: a generic NamedTuple takes Python 3.11.
    InfoAnswer = Answer
