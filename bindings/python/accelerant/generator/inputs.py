"""The TypedDicts of a model, as text: what a checker reads in `types.pyi`, and what `types` makes when a program names one."""
from __future__ import annotations

from typing import Callable, Dict, FrozenSet, List, Mapping

from ..typed.schema import ModelField, ModelSchema
from .shadows import unshadowed

Far = FrozenSet[str]

#: Of the kinds of fields: the type of one value given.
_INPUTS: Dict[str, str] = {
    "String": "str", "Boolean": "bool", "Int": "int", "BigInt": "int", "Float": "float", "Decimal": "DecimalInput",
    "DateTime": "datetime.datetime", "Date": "datetime.date", "Time": "datetime.time", "Uuid": "UuidInput", "Json": "JsonInput",
    "Bytes": "BytesInput",
}
#: And of one value in an answer.
VALUES: Dict[str, str] = {
    **_INPUTS, "Decimal": "decimal.Decimal", "Uuid": "uuid.UUID", "Json": "Any", "Bytes": "fields.Base64",
}
_ATOMIC = {"Int": "AtomicIntInput", "BigInt": "AtomicBigIntInput", "Float": "AtomicFloatInput", "Decimal": "AtomicDecimalInput"}


def value_type(field: ModelField) -> str:
    """The type of a scalar field's value in an answer, without None."""
    kind = f"enums.{field.type}" if field.kind == "Enum" else VALUES[field.kind]
    return f"List[{kind}]" if field.is_list else kind


def reference_type(field: ModelField) -> str:
    """What a reference to a scalar field refers to."""
    return value_type(field).replace("Any", "Json")


def _input(field: ModelField) -> str:
    return f"{field.type}Input" if field.kind == "Enum" else _INPUTS[field.kind]


def _optional(field: ModelField, kind: str) -> str:
    return f"Optional[{kind}]" if field.is_optional else kind


def _create(field: ModelField) -> str:
    if not field.is_list:
        return _optional(field, _input(field))
    return f"{field.type if field.kind == 'Enum' else field.kind}ListUpdate"


def _update(field: ModelField) -> str:
    if field.is_list:
        return _create(field)
    atomic = _ATOMIC.get(field.kind)
    return _optional(field, f"Union[{_input(field)}, {atomic}]" if atomic else _input(field))


def _where(field: ModelField) -> str:
    name = field.type if field.kind == "Enum" else field.kind
    return f"{name}ListFilter" if field.is_list else _optional(field, f"{name}Where")


def _having(field: ModelField) -> str:
    name = field.type if field.kind == "Enum" else field.kind
    return f"{name}ListFilter" if field.is_list else f"{name}Having"


def _dictionary(name: str, fields: List[str], base: str = "TypedDict", total: bool = False) -> str:
    head = f"class {name}({base}{'' if total else ', total=False'}):\n"
    return head + ("".join(f"    {field}\n" for field in unshadowed(fields)) or "    pass\n")


def _lines(fields: List[ModelField], kind: Callable[[ModelField], str]) -> List[str]:
    return [f"{field.name}: {kind(field)}" for field in fields]


def _literal(names: List[str]) -> str:
    return f"Literal[{', '.join(repr(name) for name in names)}]" if names else "NoReturn"


def enum_inputs(name: str, members: List[str]) -> str:
    """The types of an enum's values and filters."""
    value, reference, references = f"{name}Input", f"FieldRef[enums.{name}]", f"FieldRef[List[enums.{name}]]"
    return "".join((
        f"{value} = Union[enums.{name}, {_literal(members)}]\n",
        f"{name}Filter = TypedDict('{name}Filter', {{'equals': Union[{value}, {reference}, None], "
        f"'not': Union[{value}, '{name}Filter', None], 'in': Union[List[{value}], {references}], "
        f"'not_in': Union[List[{value}], {references}]}}, total=False)\n",
        f"{name}Where = Union[{value}, {name}Filter]\n",
        f"class {name}WithAggregatesFilter({name}Filter, total=False):\n    _max: {name}Filter\n    _min: {name}Filter\n    _count: IntFilter\n",
        f"{name}Having = Union[{value}, {name}WithAggregatesFilter]\n",
        _dictionary(f"{name}ListOperators", [
            f"equals: Union[List[{value}], {references}, None]", f"has: Union[{value}, {reference}]",
            f"has_every: Union[List[{value}], {references}]", f"has_some: Union[List[{value}], {references}]", "is_empty: bool"]),
        _dictionary(f"{name}ListChange", [f"set: List[{value}]", f"push: Union[{value}, List[{value}]]"]),
        f"{name}ListFilter = Union[List[{value}], {name}ListOperators]\n{name}ListUpdate = Union[List[{value}], {name}ListChange]\n",
    ))


def model_inputs(model: ModelSchema, far: Far = frozenset()) -> str:
    """All types of a model. The related models of `far` are of other clusters."""
    return "".join((
        _keys(model), _creates(model, far), _unique(model), _updates(model, far), _filters(model, far), _selections(model, far),
        _aggregates(model)))


def far_models(model: ModelSchema, numbers: Mapping[str, int]) -> Far:
    """The related models that are of other clusters."""
    return frozenset(field.type for field in model.relations if numbers[field.type] != numbers[model.name])


def _keys(model: ModelSchema) -> str:
    name = model.name
    return (
        f"{name}ScalarFieldKeys = {_literal([field.name for field in model.scalars])}\n"
        f"{name}RelationalFieldKeys = {_literal([field.name for field in model.relations])}\n"
        f"{name}Keys = {_literal([field.name for field in model.fields])}\n")


def _one_or_many(kind: str) -> str:
    return f"Union[{kind}, List[{kind}]]"


def _named(fields: Dict[str, str], kind: Callable[[str], str] = str) -> List[str]:
    return [f"{name}: {kind(text)}" for name, text in fields.items()]


#: What stands for the inputs of a model of another cluster.
_ANYTHING = "Dict[str, Any]"


def _nested(many: str, one: str, far: Far) -> Callable[[ModelField], str]:
    return lambda field: _ANYTHING if field.type in far else f"'{field.type}{many if field.is_list else one}'"


def _creates(model: ModelSchema, far: Far) -> str:
    name = model.name
    required = [field for field in model.scalars if field.is_required_on_create]
    others = [field for field in model.scalars if not field.is_required_on_create]
    nested = _lines(model.relations, _nested("CreateManyNestedWithoutRelationsInput", "CreateNestedWithoutRelationsInput", far))
    create, unique = f"'{name}CreateInput'", f"'{name}WhereUniqueInput'"
    connect_or_create = f"{name}ConnectOrCreateWithoutRelationsInput"
    one = {"create": create, "connect": unique, "connect_or_create": connect_or_create}
    return "".join((
        _dictionary(f"{name}OptionalCreateWithoutRelationsInput", _lines(others, _create)),
        _dictionary(f"{name}CreateWithoutRelationsInput", _lines(required, _create), f"{name}OptionalCreateWithoutRelationsInput", True),
        _dictionary(f"_{name}CreateRelations", nested),
        _dictionary(f"{name}OptionalCreateInput", [], f"{name}OptionalCreateWithoutRelationsInput, _{name}CreateRelations"),
        _dictionary(f"{name}CreateInput", [], f"{name}CreateWithoutRelationsInput, _{name}CreateRelations", True),
        _dictionary(connect_or_create, [f"create: {create}", f"where: {unique}"], total=True),
        _dictionary(f"{name}CreateNestedWithoutRelationsInput", _named(one)),
        _dictionary(f"{name}CreateManyNestedWithoutRelationsInput", _named(one, _one_or_many)),
    ))


def _unique(model: ModelSchema) -> str:
    name, text, variants = model.name, "", []
    for field in model.scalars:
        if field.is_unique:
            variants.append(f"_{name}WhereUnique_{field.name}_Input")
            text += _dictionary(variants[-1], [f"{field.name}: {_input(field)}"], total=True)
    for compound, keys in model.compounds.items():
        variants.append(f"_{name}Compound{compound}Key")
        inner = [f"{model.by_name[key].name}: {_input(model.by_name[key])}" for key in keys]
        text += _dictionary(variants[-1] + "Inner", inner, total=True)
        text += _dictionary(variants[-1], [f"{compound}: {variants[-1]}Inner"], total=True)
    if not variants:
        return f"{name}WhereUniqueInput = NoReturn\n"
    return text + f"{name}WhereUniqueInput = {variants[0] if len(variants) == 1 else 'Union[' + ', '.join(variants) + ']'}\n"


def _updates(model: ModelSchema, far: Far) -> str:
    name = model.name
    nested = _lines(model.relations, _nested("UpdateManyWithoutRelationsInput", "UpdateOneWithoutRelationsInput", far))
    create, update, where, unique = (f"'{name}{part}'" for part in ("CreateInput", "UpdateInput", "WhereInput", "WhereUniqueInput"))
    connect_or_create, many = f"{name}ConnectOrCreateWithoutRelationsInput", f"{name}UpdateManyMutationInput"
    upsert = {"create": create, "update": update}
    one = {"create": create, "connect": unique, "connect_or_create": connect_or_create, "disconnect": f"Union[bool, {where}]",
           "delete": f"Union[bool, {where}]", "update": update, "upsert": f"{name}UpsertInput"}
    each = {**one, "set": unique, "disconnect": unique, "delete": unique, "update": f"_{name}UpdateUnique", "upsert": f"_{name}UpsertUnique",
            "update_many": f"_{name}UpdateFiltered", "delete_many": where}
    return "".join((
        _dictionary(many, _lines(model.scalars, _update)),
        _dictionary(f"{name}UpdateInput", nested, many),
        _dictionary(f"{name}UpsertInput", _named(upsert), total=True),
        _dictionary(f"_{name}UpdateUnique", [f"where: {unique}", f"data: {update}"], total=True),
        _dictionary(f"_{name}UpsertUnique", [f"where: {unique}", *_named(upsert)], total=True),
        _dictionary(f"_{name}UpdateFiltered", [f"where: {where}", f"data: {many}"], total=True),
        _dictionary(f"{name}UpdateOneWithoutRelationsInput", _named(one)),
        _dictionary(f"{name}UpdateManyWithoutRelationsInput", _named(each, _one_or_many)),
    ))


def _filters(model: ModelSchema, far: Far) -> str:
    name = model.name
    related = _lines(model.relations, lambda field: f"Optional[{_ANYTHING}]" if field.type in far else
                     f"'{field.type}ListRelationFilter'" if field.is_list else
                     f"Union['{field.type}RelationFilter', '{field.type}WhereInput', None]")
    having = f"{name}ScalarWhereWithAggregatesInput"
    logic = [f"{word}: Union[List['{name}WhereInput'], '{name}WhereInput']" for word in ("AND", "OR", "NOT")]
    return "".join((
        f"{name}RelationFilter = TypedDict('{name}RelationFilter', {{'is': Optional['{name}WhereInput'], "
        f"'is_not': Optional['{name}WhereInput']}}, total=False)\n",
        _dictionary(f"{name}ListRelationFilter", [f"{word}: '{name}WhereInput'" for word in ("some", "none", "every")]),
        _dictionary(f"{name}WhereInput", [*_lines(model.scalars, _where), *related, *logic]),
        _dictionary(having, [*_lines(model.scalars, _having), *(f"{word}: List['{having}']" for word in ("AND", "OR", "NOT"))]),
    ))


def _selections(model: ModelSchema, far: Far) -> str:
    name = model.name
    order = _lines(model.scalars, lambda field: "SortInput")
    order += _lines(model.relations, lambda field: "CountOrder" if field.is_list else
                    _ANYTHING if field.type in far else f"'{field.type}OrderByInput'")
    include = _lines(model.relations, lambda field: f"Union[bool, {_ANYTHING}]" if field.type in far else
                     f"Union[bool, '{'FindMany' if field.is_list else ''}{field.type}Args']")
    order_by = _one_or_many(f"'{name}OrderByInput'")
    pages = ["take: int", "skip: int", f"order_by: {order_by}", f"where: '{name}WhereInput'", f"cursor: '{name}WhereUniqueInput'",
             f"distinct: List[{name}ScalarFieldKeys]", f"include: '{name}Include'"]
    return "".join((
        _dictionary(f"{name}OrderByInput", [*order, "_relevance: RelevanceInput"]),
        _dictionary(f"{name}Include", include),
        _dictionary(f"{name}Args", [f"include: '{name}Include'"]),
        _dictionary(f"FindMany{name}Args", pages),
        # Why a class: mypy follows every path of types from a name that stands for a type that leads back to itself.
        _dictionary(f"FindFirst{name}Args", [], f"FindMany{name}Args"),
    ))


def _aggregates(model: ModelSchema) -> str:
    name = model.name
    numbers = [field for field in model.scalars if field.is_number]
    averages = _literal([field.name for field in numbers])
    return "".join((
        _dictionary(f"{name}ScalarAggregateOutput", _lines(model.scalars, value_type), total=True),
        f"{name}MinAggregateOutput = {name}ScalarAggregateOutput\n{name}MaxAggregateOutput = {name}ScalarAggregateOutput\n",
        f"{name}SumAggregateOutput = {name}ScalarAggregateOutput\n",
        f"{name}AvgAggregateOutput = Dict[{averages}, float]\n",
        f"{name}CountAggregateOutput = Dict[Union[{name}ScalarFieldKeys, Literal['_all']], int]\n",
        f"{name}CountAggregateInput = Dict[Union[{name}ScalarFieldKeys, Literal['_all']], bool]\n",
        f"{name}ScalarAggregateInput = Dict[{name}ScalarFieldKeys, bool]\n",
        f"{name}MinAggregateInput = {name}ScalarAggregateInput\n{name}MaxAggregateInput = {name}ScalarAggregateInput\n",
        f"{name}NumberAggregateInput = Dict[{averages}, bool]\n",
        _dictionary(f"{name}AggregateOrderInput", [
            f"_count: Dict[Union[{name}ScalarFieldKeys, Literal['_all']], SortOrder]",
            *(f"_{part}: Dict[{averages}, SortOrder]" for part in ("sum", "avg")),
            *(f"_{part}: Dict[{name}ScalarFieldKeys, SortOrder]" for part in ("min", "max"))]),
        f"{name}AvgAggregateInput = {name}NumberAggregateInput\n{name}SumAggregateInput = {name}NumberAggregateInput\n",
        _dictionary(f"{name}GroupByOutput", [
            f"_sum: {name}SumAggregateOutput", f"_avg: {name}AvgAggregateOutput", f"_min: {name}ScalarAggregateOutput",
            f"_max: {name}ScalarAggregateOutput", f"_count: {name}CountAggregateOutput"], f"{name}ScalarAggregateOutput", True),
    ))
