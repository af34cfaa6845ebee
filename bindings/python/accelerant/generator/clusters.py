"""Which models' inputs may name each other, so that checkers can follow."""
from __future__ import annotations

from typing import Dict, List

from ..typed.schema import PackageSchema

#: Why: checkers look at a TypedDict's members when they first see it, and at those of the TypedDicts there, by recursion. pyright has no stack
#: left behind about a hundred models in a row.
LARGEST = 40


def clusters(schema: PackageSchema) -> Dict[str, int]:
    """A number for each model. Relations between models of different numbers are typed as dictionaries of anything."""
    names = schema.models
    if len(names) <= LARGEST:
        return dict.fromkeys(names, 0)
    neighbours = {name: [field.type for field in schema.model(name).relations] for name in names}
    found: Dict[str, int] = {}
    number = 0
    # Those with the most relations first: they lie in the middle.
    for first in sorted(names, key=lambda name: (-len(neighbours[name]), name)):
        if first in found:
            continue
        members = _around(first, neighbours, found)
        found.update((member, number) for member in members)
        number += 1
    return found


def _around(first: str, neighbours: Dict[str, List[str]], taken: Dict[str, int]) -> List[str]:
    """A model and those near it that are in no cluster yet."""
    members = [first]
    for name in members:
        for other in neighbours[name]:
            if len(members) == LARGEST:
                return members
            if other not in taken and other not in members:
                members.append(other)
    return members
