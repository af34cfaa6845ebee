"""Whether an answer is the one that was expected, where order is left open and numbers are about right."""
import json
from decimal import Decimal, InvalidOperation

from aggregates import About
from reference import OneOf, Ordered


def difference(expected, answer, path="data"):
    """What differs first, in words; None when nothing does. An `Ordered` takes any order within its groups."""
    if isinstance(expected, OneOf):
        found = [difference(e, answer, path) for e in expected]
        return None if None in found else found[0]
    if isinstance(expected, Ordered):
        return difference_of_groups(expected, answer, path)
    if isinstance(expected, About):
        return None if about(expected, answer) else told(expected, answer, path)
    if isinstance(expected, dict) and isinstance(answer, dict):
        if set(expected) != set(answer):
            return told(sorted(expected), sorted(answer), path + " (names)")
        return next((d for n, v in expected.items() if (d := difference(v, answer[n], "%s.%s" % (path, n)))), None)
    if isinstance(expected, list) and isinstance(answer, list) and len(expected) == len(answer):
        return next((d for i, v in enumerate(expected) if (d := difference(v, answer[i], "%s[%d]" % (path, i)))), None)
    return None if same_scalars(expected, answer) else told(expected, answer, path)


def told(expected, answer, path):
    return "%s\n    expected %s\n    answer   %s" % (path, as_text(expected)[:400], as_text(answer)[:400])


def same_scalars(expected, answer):
    if isinstance(expected, bool) or isinstance(answer, bool) or expected is None or answer is None:
        return expected is answer
    if isinstance(expected, (int, float, Decimal)) and isinstance(answer, (int, float, Decimal)):
        return expected == answer or float(expected) == float(answer)
    return type(expected) is type(answer) and expected == answer


def difference_of_groups(groups, answer, path):
    if not isinstance(answer, list) or sum(map(len, groups)) != len(answer):
        return told(groups, answer, path)
    at = 0
    for group in groups:
        left = list(enumerate(answer))[at : at + len(group)]
        at += len(group)
        for record in group:
            found = [(n, r, difference(record, r, "%s[%d]" % (path, n))) for n, r in left]
            match = next(((n, r) for n, r, d in found if d is None), None)
            if match is None:
                return found[0][2] if len(found) == 1 else told(record, [r for _, r in left], path + " (none is the same)")
            left.remove(match)
    return None


def about(expected, answer):
    if expected.as_text != isinstance(answer, str) or answer is None:
        return False
    try:
        value, other = Decimal(expected.value), Decimal(answer)
    except InvalidOperation:
        return False
    # Why absolute, too: PostgreSQL's averages have at least sixteen digits behind the point, not more.
    near = Decimal(expected.tolerance) * max(abs(value), abs(other), Decimal(1))
    return abs(value - other) <= near


def plain(expected):
    """What was expected as JSON that can be printed."""
    if isinstance(expected, Ordered):
        return [plain(r) for r in expected.records]
    if isinstance(expected, dict):
        return {n: plain(v) for n, v in expected.items()}
    if isinstance(expected, list):
        return [plain(v) for v in expected]
    if isinstance(expected, (About, Decimal)):
        return str(expected)
    return expected


def as_text(expected):
    return json.dumps(plain(expected), ensure_ascii=False)
