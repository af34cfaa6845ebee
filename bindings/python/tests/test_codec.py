"""The two codecs, the one in Python and the one in C, have the same values and the same errors; and neither ends the process."""
import datetime
import decimal
import enum
import json
import math
import uuid

import pytest
from accelerant import AnyNull, DbNull, FieldRef, Json, JsonNull
from accelerant.codec import configured, encoding, kinds, text
from accelerant.codec.form import TABLE, Form
from accelerant.codec.kinds import Member
from accelerant.codec.special import LOCAL_REQUEST, REQUEST
from accelerant.records import Record
from hypothesis import given, settings
from hypothesis import strategies as st

UTC = datetime.timezone.utc


@pytest.fixture(scope="module")
def module(native):
    return configured(native)


def shape_of(form, module):
    """The form, and those below it, for the module in C."""
    if form.in_c is None:
        form.in_c = module.Shape(form._record, form._define)
        for member in form._members():
            if isinstance(member.target, Form):
                shape_of(member.target, module)
    return form


def outcome(call, *arguments):
    """What it gives, or how it fails."""
    try:
        return call(*arguments)
    except Exception as error:
        return type(error), str(error)


def same(left, right):
    """Equal in value, type and order."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(same(*pair) for pair in zip(left, right))
    if isinstance(left, Record):
        return same(left.__dict__, right.__dict__)
    if isinstance(left, float):
        return math.copysign(1, left) == math.copysign(1, right) and (left == right or (left != left and right != right))
    if isinstance(left, decimal.Decimal):
        return left.as_tuple() == right.as_tuple()
    if isinstance(left, datetime.datetime):
        return left == right and left.tzinfo is right.tzinfo is UTC
    return left == right


# Answers

class Shade(enum.Enum):
    RED = "RED"
    GREEN = "light green"


class Row(Record):
    pass


class Wrapped:
    def __init__(self, raw):
        self.raw = raw

    def __eq__(self, other):
        return self.raw == other.raw


class Named(str):
    pass


_digits = st.text("0123456789", min_size=1, max_size=40)
_whole = st.one_of(st.integers(-(10**25), 10**25).map(str), st.integers(-(2**64), 2**64).map(str))
_numerics = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda value: format(value, "f")), _whole,
    st.builds(lambda a, b: f"{a}.{b}", _whole, _digits), st.sampled_from(["NaN", "Infinity", "-Infinity", "0", "-0", "0.000", "1e5", "-12.5"]))


def _moment(value, digits):
    return value.isoformat(timespec="milliseconds" if digits == 3 else "microseconds") + "Z"


_moments = st.one_of(
    st.builds(_moment, st.datetimes(), st.sampled_from([3, 6])),
    st.sampled_from([
        "+294276-12-31T23:59:59.999999Z", "-000043-03-15T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "2023-02-29T00:00:00.000Z", "2024-02-29T24:00:00.000Z",
        "2024-13-01T00:00:00.000Z", "2024-01-01T00:00:60.000Z", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.1Z", "2024-01-02 03:04:05Z", "", "Z"]))
_days = st.one_of(st.dates().map(str), st.dates().map(lambda day: f"{day}T00:00:00.000Z"), _moments)
_times = st.one_of(
    st.times().map(lambda time: time.isoformat(timespec="microseconds")), st.times().map(lambda time: f"1970-01-01T{time.isoformat('milliseconds')}Z"),
    st.sampled_from(["24:00:00", "03:04:05", "1970-01-02T00:00:00.000Z", "1970-01-01T03:04:05", "03:04:05Z", "03:04"]), _moments)
_texts = st.one_of(st.text(max_size=30), st.text("\"\\\n\t\x00é𝄞/abc", max_size=12), st.sampled_from(["\ud800", "a\udfffb"]))
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False), _texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_texts, inner, max_size=4)), max_leaves=12)

_OF_KINDS = {
    kinds.PLAIN: _json, kinds.FLOAT: st.one_of(st.floats(), st.integers(-(10**20), 10**20)), kinds.BIGINT: _whole, kinds.DECIMAL: _numerics,
    kinds.DATETIME: _moments, kinds.DATE: _days, kinds.TIME: _times,
    kinds.BYTES: st.binary(max_size=20).map(lambda value: __import__("base64").b64encode(value).decode()),
    kinds.ENUM: st.sampled_from(["RED", "light green", "BLUE"]), kinds.CALL: _texts,
}
_TARGETS = {kinds.ENUM: [None, {"RED": Shade.RED, "light green": Shade.GREEN}], kinds.BYTES: [None, Wrapped], kinds.CALL: [Named]}


def _number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


@st.composite
def _models(draw, depth=2):
    """Members and a strategy of objects that have them: some left out, some unknown, in any order."""
    names = draw(st.lists(st.text("abcdefgh_é\"", min_size=1, max_size=6), min_size=1, max_size=9, unique=True))
    members, values = [], {}
    for name in names:
        kind = draw(st.sampled_from([*_OF_KINDS, *([kinds.OBJECT] if depth else [])]))
        if kind == kinds.OBJECT:
            form, inner = draw(_models(depth=depth - 1))
            members.append(Member(name, name, kind, form))
            values[name] = st.one_of(st.none(), inner, st.lists(inner, max_size=3))
            continue
        target = draw(st.sampled_from(_TARGETS.get(kind, [None])))
        members.append(Member(name, draw(st.sampled_from([name, name + "~"])), kind, target, draw(st.sampled_from([-1, 0, 2, 30]))))
        one = _OF_KINDS[kind].map(_number)
        values[name] = st.one_of(one, st.none(), st.lists(st.one_of(one, st.none()), max_size=3)) if kind not in (kinds.BYTES, kinds.CALL) else st.one_of(one, st.none())
    record = draw(st.sampled_from([None, Row]))
    whole = st.fixed_dictionaries(values)
    partial = st.builds(
        lambda row, out, extra: {**{key: value for key, value in row.items() if key not in out}, **extra}, whole,
        st.sets(st.sampled_from(names), max_size=2), st.dictionaries(st.sampled_from(["zz", "zzz"]), _json, max_size=1))
    return Form(lambda: members, record), st.one_of(whole, whole, partial)


def _written(draw, value):
    ascii, indent = draw(st.booleans()), draw(st.sampled_from([None, None, 1]))
    written = json.dumps(value, ensure_ascii=ascii, indent=indent, separators=None if indent else draw(st.sampled_from([(",", ":"), (", ", ": ")])))
    return written.encode("utf-8", "surrogatepass") if ascii else json.dumps(value).encode()


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_both_decoders_give_the_same_values(module, data):
    form, objects = data.draw(_models())
    answer = _written(data.draw, data.draw(st.one_of(st.none(), objects, st.lists(objects, max_size=5))))
    inC, inPython = outcome(module.decode, answer, shape_of(form, module)), outcome(lambda: form(text.read(answer)))
    assert same(inC, inPython), (answer, inC, inPython)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_both_read_any_json(module, data):
    answer = _written(data.draw, data.draw(_json))
    assert same(module.decode(answer, None), text.read(answer)), answer


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_both_read_tables(module, data):
    names = ["int", "bigint", "float", "double", "decimal", "bool", "string", "bytes", "json", "uuid", "datetime", "date", "time", "unknown"]
    types = data.draw(st.lists(st.sampled_from(names + [name + "-array" for name in names]), max_size=6))
    columns = [f"c{number % 4}" for number in range(len(types))]

    def cell(type):
        one = _OF_KINDS[kinds.OF_RAW_TYPES.get(type.replace("-array", ""), kinds.PLAIN)].map(_number)
        return st.one_of(st.none(), one if "-array" not in type else st.lists(st.one_of(st.none(), one, st.lists(one, max_size=2)), max_size=3))

    rows = data.draw(st.lists(st.tuples(*map(cell, types)).map(list), max_size=4))
    answer = json.dumps({"columns": columns, "types": types, "rows": rows}, separators=(",", ":")).encode()
    assert same(module.decode(answer, TABLE), TABLE(text.read(answer))), answer
    assert module.decode(b"7", TABLE) == TABLE(7) == 7


@pytest.mark.parametrize("answer", [
    b"", b" ", b"{", b"[", b'"', b'"\\', b'"\\u12', b'"\\q"', b"{]", b"[}", b'{"a"}', b'{"a":}', b'{"a":1,}', b"[1,]", b"[1 2]", b"tru", b"nul", b"-", b"1.", b"1e",
    b".5", b"+1", b"1}", b"[]]", b"\xff", b'"\xff"', b"{1:2}", b'{"a":1', b"[1", b"NaN", b"1 1", b'{"columns":', b"\x00", b"[\x00]",
], ids=repr)
def test_what_is_no_json_is_an_error_in_both(module, answer):
    inner = Form(list)
    form = Form(lambda: [Member("a", "a", kinds.OBJECT, inner)])
    for call in (lambda: module.decode(answer, None), lambda: module.decode(answer, shape_of(form, module)), lambda: module.decode(answer, TABLE), lambda: text.read(answer)):
        kind, message = outcome(call)
        assert issubclass(kind, ValueError), (kind, message)


@settings(max_examples=800, deadline=None)
@given(st.data())
def test_no_bytes_harm_the_decoder_in_c(module, data):
    form, objects = data.draw(_models())
    answer = bytearray(json.dumps(data.draw(st.lists(objects, max_size=3))).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        position = data.draw(st.integers(0, len(answer)))
        answer[position : position + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    for shape in (None, TABLE, shape_of(form, module)):
        result = outcome(module.decode, bytes(answer), shape)
        assert not isinstance(result, tuple) or issubclass(result[0], (ValueError, TypeError, ArithmeticError)), result


@pytest.mark.parametrize("open, close", [("[", "]"), ('{"a":', "}"), ('{"a":[', "]}")])
def test_depth_is_no_limit_to_either(module, open, close):
    answer = (open * 100_000 + "1" + close * 100_000).encode()
    for value in (module.decode(answer, None), text.read(answer)):
        depth = 0
        while value != 1:
            value, depth = value[0] if type(value) is list else value["a"], depth + 1
        assert depth == 100_000 * len(open.replace('"a":', ""))


def test_numbers_may_have_any_number_of_digits(module):
    for digits in ("1" * 700, "-" + "7" * 5000):
        for answer in (digits, f"[{digits}]", f'{{"a":{digits}}}'):
            values = module.decode(answer.encode(), None), text.read(answer.encode())
            assert same(*values)
    form = Form(lambda: [Member("a", "a", kinds.BIGINT)])
    answer = b'{"a":"' + b"9" * 6000 + b'"}'
    assert same(module.decode(answer, shape_of(form, module)), form(text.read(answer)))
    assert same(module.decode(b"[1e400,-1e400,1e-400,123456789012345678901234567890.5,0.1,-0.0,5e-324,1.7976931348623157e308]", None),
                [math.inf, -math.inf, 0.0, 1.2345678901234568e29, 0.1, -0.0, 5e-324, 1.7976931348623157e308])


# Requests

class Word(str, enum.Enum):
    A = "a"


class Number(enum.IntEnum):
    ONE = 1


class Loud(int):
    def __repr__(self):
        return "loud"

    __str__ = __repr__


_odd_offsets = st.timedeltas(datetime.timedelta(hours=-23), datetime.timedelta(hours=23)).map(datetime.timezone)
_aware = st.datetimes(datetime.datetime(2, 1, 1), datetime.datetime(9998, 1, 1), timezones=st.one_of(st.just(UTC), _odd_offsets))
_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), _texts, _aware, st.datetimes(), st.dates(), st.times(), st.times(timezones=st.just(UTC)),
    st.timedeltas(), st.decimals(), st.decimals(places=2, allow_nan=False, allow_infinity=False), st.binary(max_size=9), st.uuids(),
    st.sampled_from([Shade.RED, Word.A, Number.ONE, Loud(5), Loud(10**30), DbNull, JsonNull, AnyNull, FieldRef("M", "f"), {1, 2}, 1j, range(3), math.nan]))


#: One of each kind of value that a request may hold or refuse.
_EDGES = [
    None, True, False, 0, -1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**30, 0.0, -0.0, 2.0, 0.1, 1e16, 1e22, 1.5e300, 1e-7, 5e-324, math.nan, math.inf,
    -math.inf, "", "a\"\\\n\x00\x7fé𝄞", "\ud800", b"", b"\x00\xff", bytearray(b"ab"), memoryview(b"cd"), (), (1, "a"), {}, {"a": {}}, [[], {}], {1: 2}, {None: 1},
    {"$type": "Json"}, {1, 2}, frozenset(), object(), 1j, range(3), datetime.datetime(2026, 1, 2, 3, 4, 5, 6, UTC), datetime.datetime(2026, 1, 2), datetime.date(1, 1, 1),
    datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))), datetime.time(1, 2, 3, 4), datetime.time(1, 2, tzinfo=UTC),
    datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(seconds=61))), datetime.timedelta(days=-1), uuid.UUID(int=7), Shade.RED, Word.A, Number.ONE,
    Loud(5), Loud(10**30), DbNull, JsonNull, AnyNull, FieldRef("M", "f"), Json(None), Json({"$type": 1}), Json([Json(1.5), JsonNull, 1e16, 1.25e20]), Json({"a": math.nan}),
    Json({"a": decimal.Decimal(1)}), Json({1: 1}), decimal.Decimal("1.10"), decimal.Decimal("NaN"), decimal.Decimal("-Infinity"), decimal.Decimal("sNaN"),
    decimal.Decimal("1E+20"), decimal.Decimal("1E+999999"), decimal.Decimal("0E+999999"), decimal.Decimal("0E-9"), decimal.Decimal("1E-99999"), decimal.Decimal("-0.00"),
    10**400, 10**5000,
]


@pytest.mark.parametrize("mode", [REQUEST, LOCAL_REQUEST, "json"])
@pytest.mark.parametrize("value", _EDGES, ids=lambda value: type(value).__name__)
def test_each_kind_of_value_is_written_the_same(module, value, mode):
    for document in (value, {"a": value}, [1, value, [value]]):
        if mode == "json":
            inC, inPython = outcome(module.encode_json, document), outcome(encoding.encode_json, document)
        else:
            inC, inPython = outcome(module.encode, document, mode), outcome(encoding.encode, document, mode)
        assert inC == inPython or "digits" in inC[1] and inC[0] is inPython[0]
        assert isinstance(inC, tuple) or json.loads(inC) is not json


def _containers(inner):
    keys = st.one_of(_texts, st.sampled_from(["$type", Word.A, 1, None, True, 1.5, b"x"]))
    plain = st.sampled_from(["a", "where", "data", "in"])
    return st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(plain, inner, max_size=3), st.dictionaries(plain, inner, max_size=3),
        st.dictionaries(keys, inner, max_size=2), st.builds(Json, inner))


_documents = st.recursive(_scalars, _containers, max_leaves=8)


@settings(max_examples=800, deadline=None)
@given(_documents, st.sampled_from([REQUEST, LOCAL_REQUEST]), st.booleans())
def test_both_encoders_write_the_same(module, document, mode, is_trusted):
    inC, inPython = outcome(module.encode, document, mode, is_trusted), outcome(encoding.encode, document, mode, is_trusted)
    if isinstance(inC, tuple):
        # Python's own words for a number of too many digits differ between its functions.
        assert inC[0] is inPython[0] and (inC[1] == inPython[1] or "digits" in inC[1]), (document, inC, inPython)
    else:
        assert inC == inPython
        json.loads(inC)


@settings(max_examples=400, deadline=None)
@given(_documents)
def test_data_of_json_fields_is_written_the_same_and_reads_as_it_was_given(module, value):
    inC, inPython = outcome(module.encode_json, value), outcome(encoding.encode_json, value)
    if isinstance(inC, tuple):
        assert inC[0] is inPython[0] and (inC[1] == inPython[1] or "digits" in inC[1]), (value, inC, inPython)
        assert issubclass(inC[0], (TypeError, ValueError))
        return
    assert inC == inPython

    def plain(value):
        while isinstance(value, Json):
            value = value.value
        value = None if value is JsonNull else value
        if isinstance(value, dict):
            return {str.__str__(key): plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        return str.__str__(value) if isinstance(value, str) else int(value) if isinstance(value, int) and not isinstance(value, bool) else value

    # Of two keys that are one text, the last one counts.
    assert same(text.read(inC.encode()), plain(value)), value


@pytest.mark.parametrize("document, kind, message", [
    ({"args": {"data": {"tags": {"a"}}}}, TypeError, "`args.data.tags`: a query cannot hold a set, which has no order: give a list"),
    ({"args": {"data": [{"at": datetime.datetime(2026, 1, 1)}]}}, TypeError, "`args.data.0.at`: a datetime without a time zone is ambiguous"),
    ({"args": {"data": {"document": {"$type": "Decimal", "value": "1"}}}}, TypeError, "`args.data.document.$type`: a dictionary with the key `$type`"),
    ({"args": {"data": {"document": Json({"at": [UTC]})}}}, TypeError, "`args.data.document`: `at.0`: a Json value cannot hold a value of type timezone"),
    ({"args": {"where": {1: 2}}}, TypeError, "`args.where.1`: a key has to be a text"),
    ({"args": {"where": {"name": "\ud83d"}}}, ValueError, "`args.where.name`: a text holds half of a surrogate pair"),
    ({"a": object()}, TypeError, "`a`: a query cannot hold a value of type object"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_cannot_be_written_is_told_with_its_place(module, document, kind, message):
    for encode in (module.encode, encoding.encode):
        with pytest.raises(kind) as error:
            encode(document)
        assert str(error.value).startswith(message)


def test_what_holds_itself_is_an_error(module):
    circle = []
    circle.append({"again": circle})
    for encode in (module.encode, encoding.encode):
        with pytest.raises(ValueError, match="nested more than 512 levels deep, or holds itself"):
            encode(circle)
    deep = []
    for _ in range(400):
        deep = [deep]
    assert module.encode(deep) == encoding.encode(deep)


def test_a_hook_may_change_what_is_written(module):
    """A list that grows while it is written, a dictionary that shrinks: nothing harms the process."""

    class Grows(enum.Enum):
        A = 1

        @property
        def value(self):
            if len(document["list"]) < 100:
                document["list"].append(Grows.A)
            for key in range(100):
                document[f"k{key}"] = 1
            document.pop("other", None)
            return 7

    document = {"list": [Grows.A], "other": {"x": Grows.A}, "last": 1}
    outcome(module.encode, document)


def test_the_module_cannot_be_misused(module):
    shape = module.Shape(None, None)
    for call in (
        lambda: module.decode(b"1"), lambda: module.decode("1", None), lambda: module.decode(b"1", 5), lambda: module.find(1, 2), lambda: module.find(1, 2, None, 0, 0),
        lambda: module.Shape(1, None), lambda: module.Shape(), lambda: shape.define([1]), lambda: shape.define([("a", "a", 99, None, 0)]),
        lambda: module.Shape(None, None).define([("a", "a", kinds.OBJECT, None, 0)]), lambda: module.Shape(None, None).define([("a", "a", 0, None, 99999)]),
        lambda: module.Shape(None, None).define([("a", "a", kinds.ENUM, 5, 0)]), lambda: module.configure(1, 2), lambda: module.ask(1),
        lambda: module.decode(b"{}", module.Shape(None, lambda shape: None)), lambda: module.decode(b"{}", module.Shape(None, 5)),
    ):
        kind, message = outcome(call)
        assert issubclass(kind, (TypeError, ValueError, RuntimeError)) and message
    twice = module.Shape(None, None)
    twice.define([])
    with pytest.raises(RuntimeError):
        twice.define([])
