"""The types that a model gives to its calls."""
from __future__ import annotations

from typing import List, Literal, Mapping, TypedDict, TypeVar, Union

#: A record.
Row = TypeVar("Row")
Where = TypeVar("Where")
WhereUnique = TypeVar("WhereUnique")
Include = TypeVar("Include")
Order = TypeVar("Order")
#: An order of groups by an aggregate.
AggregateOrder = TypeVar("AggregateOrder")
#: The names of its scalar fields.
Keys = TypeVar("Keys")
Having = TypeVar("Having")
GroupOutput = TypeVar("GroupOutput")
CountSelect = TypeVar("CountSelect")
CountOutput = TypeVar("CountOutput")
NumberSelect = TypeVar("NumberSelect")
ScalarSelect = TypeVar("ScalarSelect")
Create = TypeVar("Create")
CreateMany = TypeVar("CreateMany")
Update = TypeVar("Update")
UpdateMany = TypeVar("UpdateMany")
Upsert = TypeVar("Upsert")
# What reads give: a record or none, a record, records, a number, numbers by name, groups; with info, these and their info.
One = TypeVar("One")
Sure = TypeVar("Sure")
Many = TypeVar("Many")
Number = TypeVar("Number")
Counted = TypeVar("Counted")
Groups = TypeVar("Groups")


_Direction = Literal["asc", "desc"]


#: An order of groups: by a field, or by an aggregate of one.
GroupOrder = Union[Order, Mapping[Keys, _Direction], AggregateOrder]


class CacheStrategyInput(TypedDict, total=False):
    """For how long an answer may be used again."""

    #: Seconds in which it counts as fresh.
    ttl: int
    #: Seconds after those in which it is still given at once, while one refresh runs.
    swr: int
    #: Seconds after those in which it is given when the database cannot be asked.
    stale_if_error: int
    #: What `invalidate` can call it by.
    tags: List[str]
    #: Whether writes through the same client drop it by themselves.
    auto: bool
