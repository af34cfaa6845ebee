"""What one column holds: how its text is read, how requests write it, how answers show it, how PostgreSQL compares it."""
import base64
import datetime
import json
import re
from decimal import Decimal

EPOCH = datetime.datetime(1970, 1, 1)


def lower(text):
    """`lower` of PostgreSQL in C.UTF-8: character by character."""
    return "".join("i" if c == "\u0130" else c.lower() if len(c.lower()) == 1 else c for c in text)


# ---------------------------------------------------------------- times: microseconds since 1970

def microseconds(text):
    """What PostgreSQL or a request writes: dates, times of day, both, with or without an offset."""
    found = re.fullmatch(r"(?:(\d{4,6})-(\d\d)-(\d\d))?[T ]?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?(?::\d\d)?)?( BC)?", text)
    year, month, day, hour, minute, second, fraction, zone, bc = found.groups()
    days = days_of(1 - int(year) if bc else int(year), int(month), int(day)) if year else 0
    value = ((days * 24 + int(hour or 0)) * 60 + int(minute or 0)) * 60 + int(second or 0)
    if zone and zone != "Z":
        sign = 1 if zone[0] == "+" else -1
        digits = zone[1:].replace(":", "").ljust(6, "0")
        value -= sign * (int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:6]))
    return value * 1_000_000 + int((fraction or "0").ljust(6, "0")[:6])


def days_of(year, month, day):
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def time_text(value):
    moment = EPOCH + datetime.timedelta(microseconds=value)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond // 1000)


# ---------------------------------------------------------------- jsonb's order

def _json_rank(value):
    if value is None:
        return 0
    if isinstance(value, str):
        return 1
    if isinstance(value, bool):
        return 3
    if isinstance(value, (int, float, Decimal)):
        return 2
    return 4 if isinstance(value, list) else 5


def _json_nested(value):
    rank = _json_rank(value)
    if rank == 4:
        return (4, len(value), [_json_nested(v) for v in value])
    if rank == 5:
        names = sorted(value, key=lambda n: (len(n.encode()), n.encode()))
        return (5, len(value), [part for n in names for part in ((1, n), _json_nested(value[n]))])
    return (rank, value) if rank else (0,)


def json_key(value):
    """Objects over all; a scalar counts as an array of one element that is less than one."""
    rank = _json_rank(value)
    if rank == 5:
        return (1,) + _json_nested(value)
    if rank == 4:
        return (0, len(value), 1, [_json_nested(v) for v in value])
    return (0, 1, 0, [_json_nested(value)])


def json_contains(value, part, top=True):
    """`@>`"""
    if isinstance(value, dict) and isinstance(part, dict):
        return all(n in value and json_contains(value[n], v, False) for n, v in part.items())
    if isinstance(value, list):
        if isinstance(part, list):
            return all(any(json_contains(v, p, False) for v in value) for p in part)
        return top and not isinstance(part, dict) and any(_json_nested(v) == _json_nested(part) for v in value)
    if isinstance(part, (list, dict)) or isinstance(value, dict):
        return False
    return _json_nested(value) == _json_nested(part)


def json_text(value):
    """jsonb as text."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda n: (len(n.encode()), n.encode()))
        return "{" + ", ".join(json_text(n) + ": " + json_text(value[n]) for n in names) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(json_text(v) for v in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------- columns

class Null:
    """JSON's own null, apart from the database's."""
    def __repr__(self):
        return "null"


JSON_NULL = Null()


def from_text(field, text):
    """A value as PostgreSQL writes it (money as numeric) → Python."""
    kind, native = field.kind, field.native
    if text is None:
        return None
    if field.enum:
        return field.enum.by_label[text]
    if kind == "String":
        if native == "Char":
            return text.ljust((field.native_args or [1])[0])
        # A mask that leaves one address is not shown.
        return re.sub(r"/128$" if ":" in text else r"/32$", "", text) if native == "Inet" else text
    if kind in ("Int", "BigInt"):
        return int(text)
    if kind == "Float":
        return float(text)
    if kind == "Decimal":
        return Decimal(text)
    if kind == "Boolean":
        return text == "true"
    if kind == "DateTime":
        return microseconds(text)
    if kind == "Bytes":
        return bytes.fromhex(text[2:])
    value = json.loads(text, parse_float=Decimal)
    return JSON_NULL if value is None else value


def from_request(field, value):
    """A value as a request writes it → Python; not for lists."""
    if isinstance(value, dict) and field.kind != "Json":
        value = value["value"]
    kind = field.kind
    if field.enum or kind in ("String", "Boolean"):
        return value.lower() if field.native == "Uuid" else value
    if kind in ("Int", "BigInt"):
        return int(value)
    if kind == "Float":
        return float(value)
    if kind == "Decimal":
        return Decimal(str(value))
    if kind == "DateTime":
        moment = microseconds(value)
        if field.native == "Date":
            return moment // 86_400_000_000 * 86_400_000_000
        return moment % 86_400_000_000 if field.native in ("Time", "Timetz") else moment
    if kind == "Bytes":
        return base64.b64decode(value)
    if isinstance(value, dict) and value.get("$type") == "Json":
        value = json.loads(value["value"], parse_float=Decimal)
    return JSON_NULL if value is None else value


def decimal_text(value):
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def to_answer(field, value):
    """A list that is NULL is shown as an empty one."""
    return [to_answer_one(field, v) for v in value or []] if field.is_list else to_answer_one(field, value)


def to_answer_one(field, value):
    if value is None or value is JSON_NULL or field.enum:
        return None if value is JSON_NULL else value
    if field.kind == "BigInt":
        return str(value)
    if field.kind == "Decimal":
        return decimal_text(value)
    if field.kind == "DateTime":
        return time_text(value)
    if field.kind == "Bytes":
        return base64.b64encode(value).decode()
    return value


def key(field, value):
    """What PostgreSQL's comparison of two values of the column compares; None stays None."""
    if value is None:
        return None
    if field.enum:
        return field.enum.names.index(value)
    if field.native == "Char":
        return value.rstrip(" ")
    if field.native == "Citext":
        return lower(value)
    if field.kind == "Json":
        return json_key(None if value is JSON_NULL else value)
    if field.kind == "Float":
        return (1, 0.0) if value != value else (0, value)
    return value


def order_key(field, value):
    """What an order compares: of a list the whole of it."""
    return list_key(field, value) if field.is_list else key(field, value)


def list_key(field, value):
    """A whole list: element by element, NULLs above all, the shorter one first."""
    if value is None:
        return None
    return tuple((1,) if v is None else (0, key(field, v)) for v in value)
