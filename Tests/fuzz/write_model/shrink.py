"""Makes a difference smaller: fewer rows, less of a request."""
import json
import time

from .outcome import Unsupported
from .round import Difference, text_of
from .store import Store

#: How long one may take.
SECONDS = 20


def still_differs(round_, rows, request):
    """What differs when a fresh client is sent the request with these rows; None when nothing does."""
    if not Store(round_.tables, rows).is_sound():
        return None
    try:
        round_.put(rows)
        round_.reopen()
        round_.check(request)
    except Difference as difference:
        return str(difference)
    except (Unsupported, KeyError, StopIteration, TypeError, ValueError, AttributeError):
        # A request that is none any more.
        return None
    return None


def kind_of(difference):
    """Two differences of one kind have the same first line, but for values."""
    lines = difference.split("\n")
    error = next((json.loads(line[line.index("{"):]) for line in lines if line.startswith("error ")), {})
    code = (error.get("code"), error.get("meta", {}).get("path"))
    return lines[0][:15] if lines[0].startswith("expected answer") else lines[0], code


def smaller(round_, rows, request, difference):
    """The least rows and request that differ in the same way. A difference that a fresh client does not have stays as it is."""
    end, kind = time.monotonic() + SECONDS, kind_of(difference)
    again = still_differs(round_, rows, request)
    if again is None:
        return rows, request, difference + "\n(A fresh client does not differ: what was sent before matters.)"
    progress = True
    while progress and time.monotonic() < end:
        progress = False
        for rows_, request_ in list(candidates(rows, request)):
            if time.monotonic() > end:
                break
            found = still_differs(round_, rows_, request_)
            if found is not None and kind_of(found) == kind:
                rows, request, difference, progress = rows_, request_, found, True
                break
    return rows, request, difference


def candidates(rows, request):
    for args in lesser(request["args"]):
        yield rows, {**request, "args": args}
    for name, list_ in rows.items():
        for n in range(len(list_)):
            yield {**rows, name: list_[:n] + list_[n + 1:]}, request


def lesser(value):
    """A value with something left out, the large things first."""
    if isinstance(value, dict) and "$type" not in value:
        for name in sorted(value, key=lambda n: -len(json.dumps(value[n]))):
            yield {n: v for n, v in value.items() if n != name}
        for name, inner in value.items():
            for less in lesser(inner):
                yield {**value, name: less}
    elif isinstance(value, list):
        for n in range(len(value)):
            yield value[:n] + value[n + 1:]
        for n, inner in enumerate(value):
            for less in lesser(inner):
                yield value[:n] + [less] + value[n + 1:]


def told(description, rows, request, difference):
    """A difference, with all that it takes to see it again."""
    return "%s\nrows before%s\n%s\n%s\n" % (description.text(), text_of(rows), json.dumps(request, ensure_ascii=False), difference)
