"""An order of records: its terms, and lists in which it is known how far the order is certain."""
from filters import Unsupported


class Ordered(list):
    """Groups of records; within a group any order is right."""

    @property
    def records(self):
        return [r for group in self for r in group]


class Term:
    """One term of an order: the value that a record has for it, and which way it goes."""

    def __init__(self, value, direction, is_nullable, field=None):
        if isinstance(direction, str):
            direction = {"sort": direction}
        self.value, self.is_nullable, self.field = value, is_nullable, field
        self.descending = direction["sort"] == "desc"
        nulls = direction.get("nulls")
        self.nulls_first = nulls == "first" if nulls else self.descending


def cut(groups, start, end):
    """A piece of groups. Ties at its ends leave it open which records it holds."""
    result, at = Ordered(), 0
    for group in groups:
        low, high = max(start - at, 0), len(group) if end is None else min(end - at, len(group))
        if low < high:
            if (low > 0 or high < len(group)) and len(group) > 1:
                raise Unsupported("a page that begins or ends among records that tie")
            result.append(group[low:high])
        at += len(group)
    return result
