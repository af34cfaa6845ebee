"""The types of columns: how requests write a value, how answers show it, how PostgreSQL gives and takes it, what a column keeps of it.

In memory a value is an int, float, bool, str or Decimal; a DateTime is milliseconds since 1970; Json is a `JsonText`; None is NULL.
"""
import base64
import datetime
import json
from decimal import ROUND_HALF_UP, Decimal, getcontext

from .outcome import Refused, Shown, Unknown, Unsupported

getcontext().prec = 120
EPOCH = datetime.datetime(1970, 1, 1)


class JsonText(str):
    """The JSON of a value, written in one way only."""


def json_text(value):
    return JsonText(json.dumps(value, sort_keys=True, ensure_ascii=False))


def quoted(name):
    return '"%s"' % name.replace('"', '""')


def sql_literal(text):
    return "E'%s'" % text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")


def time_text(milliseconds):
    moment = EPOCH + datetime.timedelta(milliseconds=milliseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (moment.microsecond // 1000)


def milliseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((moment.replace(tzinfo=None) - (moment.utcoffset() or datetime.timedelta()) - EPOCH).total_seconds() * 1000)


class Kind:
    """A type. `pool` are the values that requests choose from; few, so that they meet again."""

    def __init__(self, name, prisma, native, column, pool, is_number=False):
        self.name, self.prisma, self.native, self.column, self.pool, self.is_number = name, prisma, native, column, pool, is_number
        self.enum = None

    def to_json(self, value):
        """As a request writes it, and as an answer shows it."""
        if isinstance(value, Unknown):
            return Shown(value, self)
        if value is None:
            return None
        if self.name in ("BigInt", "Decimal", "Money2"):
            return decimal_text(value) if isinstance(value, Decimal) else str(value)
        if self.name in ("DateTime", "Tz"):
            return time_text(value)
        if self.name == "Json":
            return json.loads(value)
        return value

    def from_json(self, value):
        """The value that a request writes."""
        if value is None:
            return None
        if self.name == "BigInt":
            return int(value)
        if self.name in ("Decimal", "Money2"):
            return Decimal(value)
        if self.name == "Float":
            return float(value)
        if self.name in ("DateTime", "Tz"):
            return milliseconds(value)
        if self.name == "Json":
            return json_text(value)
        return value

    def sql(self, value):
        if value is None:
            return "NULL"
        if self.name in ("DateTime", "Tz"):
            return sql_literal(time_text(value))
        if self.name == "Bytes":
            return "decode('%s', 'base64')" % value
        if self.enum:
            return sql_literal(self.enum.labels[value])
        return sql_literal(str(value).lower() if isinstance(value, bool) else str(value))

    def shown(self, column):
        """How a statement reads it: an expression whose JSON `read` understands."""
        if self.name in ("DateTime", "Tz"):
            return "round(extract(epoch FROM %s) * 1000)::bigint" % column
        if self.name == "Bytes":
            return "encode(%s, 'base64')" % column
        return column if self.name in ("Int", "Small", "Boolean", "Float", "BigInt", "String") else column + "::text"

    def read(self, value):
        """What such an expression gave."""
        if value is None:
            return None
        if self.enum:
            return next(n for n, label in self.enum.labels.items() if label == value)
        if self.name in ("Decimal", "Money2"):
            return normal(Decimal(value))
        if self.name == "Float":
            return float(value)
        if self.name == "Json":
            return json_text(json.loads(value))
        return value

    def kept(self, value):
        """What the column keeps of a value, or a refusal."""
        if value is None or isinstance(value, Unknown):
            return value
        bounds = {"Int": 2**31, "Small": 2**15, "BigInt": 2**63}.get(self.name)
        if bounds and not -bounds <= value < bounds:
            raise Refused("P2020")
        if self.name == "Money2":
            value = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
            if abs(value) >= 10**6:
                raise Refused("P2020")
        if self.name == "Short" and len(value) > 6:
            raise Refused("P2000")
        if self.name in ("Decimal", "Money2"):
            return normal(value.quantize(Decimal(1).scaleb(-30), ROUND_HALF_UP) if self.name == "Decimal" else value)
        return value


def normal(value):
    """A decimal without zeros at its end."""
    value = value.normalize()
    return Decimal(0) if value == 0 else value


def decimal_text(value):
    return format(normal(value), "f")


def column_type(field):
    return field.kind.column + ("[]" if field.is_list else "")


def field_sql(field, value):
    """A value of a field as SQL."""
    if field.is_list and value is not None:
        return "ARRAY[%s]::%s" % (", ".join(field.kind.sql(v) for v in value), column_type(field))
    return "%s::%s" % (field.kind.sql(value), column_type(field))


def shown(field):
    column = quoted(field.column)
    if not field.is_list:
        return field.kind.shown(column)
    inner = field.kind.shown("e")
    return "(CASE WHEN %s IS NOT NULL THEN ARRAY(SELECT %s FROM unnest(%s) WITH ORDINALITY AS u(e, n) ORDER BY n) END)" % (column, inner, column)


def read(field, value):
    if field.is_list and value is not None:
        return tuple(field.kind.read(v) for v in value)
    return field.kind.read(value)


def answered(field, value):
    """A value of a field as answers show it."""
    if field.is_list:
        return [field.kind.to_json(v) for v in value or ()]
    return field.kind.to_json(value)


def calculated(kind, operator, value, operand):
    """`value` after an operation; NULL stays NULL."""
    if value is None:
        return None
    if isinstance(value, Unknown):
        raise Unsupported("arithmetic with a value that the database makes")
    if operator == "increment":
        return value + operand
    if operator == "decrement":
        return value - operand
    if operator == "multiply":
        return value * operand
    if kind.name in ("Int", "Small", "BigInt"):
        quotient = abs(value) // abs(operand)
        return quotient if (value < 0) == (operand < 0) else -quotient
    return value / operand


class Change:
    """What becomes of a value. Where it is calculated nobody looks whether the outcome is another one."""

    def __init__(self, function, calculates=False):
        self.function, self.calculates = function, calculates

    @staticmethod
    def to(value):
        return Change(lambda old: value)

    def __call__(self, old):
        return self.function(old)


def _base64(bytes_):
    return base64.b64encode(bytes_).decode()


def make_kinds():
    """The types by name."""
    listed = [
        Kind("Int", "Int", "", "integer", [0, 1, 2, 3, 4, 5, 6, 7, -1], True),
        Kind("Small", "Int", "@db.SmallInt", "smallint", [0, 1, 2, 3, 4, 5, -7], True),
        Kind("BigInt", "BigInt", "", "bigint", [0, 1, 2, 3, 4, 5, 9007199254740993], True),
        Kind("Float", "Float", "", "double precision", [0.0, 1.0, -1.5, 2.5, 0.25], True),
        Kind("Decimal", "Decimal", "", "numeric(65,30)", [Decimal(t) for t in ("0", "1", "1.5", "-2.25", "10")], True),
        Kind("Money2", "Decimal", "@db.Decimal(8, 2)", "numeric(8,2)", [Decimal(t) for t in ("0", "1.5", "2.25", "0.01", "3")], True),
        Kind("String", "String", "", "text", ["", "a", "b", "A", "ab", "x y", "é", "%", "'", "\\", "{1,2}", "null"]),
        Kind("Short", "String", "@db.VarChar(6)", "varchar(6)", ["a", "b", "abc", "äöü", "123456"]),
        Kind("Uuid", "String", "@db.Uuid", "uuid", ["f47a0000-58cc-4372-a567-0e02b2c3d40%x" % n for n in range(8)]),
        Kind("Boolean", "Boolean", "", "boolean", [True, False]),
        Kind("DateTime", "DateTime", "", "timestamp(3)", [milliseconds(t) for t in ("2020-01-01T00:00:00Z", "1999-12-31T23:59:59.999Z", "2024-02-29T12:00:00.5Z")]),
        Kind("Tz", "DateTime", "@db.Timestamptz(3)", "timestamptz(3)", [milliseconds(t) for t in ("2020-01-01T00:00:00Z", "2021-06-01T10:00:00.125Z")]),
        Kind("Json", "Json", "", "jsonb", [json_text(v) for v in (1, "a", {"a": [1, None]}, [], [1, 2], True, {"set": 1})]),
        Kind("Bytes", "Bytes", "", "bytea", [_base64(b) for b in (b"", b"\0", b"ab", b"\xff\0")]),
    ]
    return {kind.name: kind for kind in listed}


def enum_kind(enum):
    kind = Kind("Enum", enum.name, "", quoted(enum.name), list(enum.labels))
    kind.enum = enum
    return kind
