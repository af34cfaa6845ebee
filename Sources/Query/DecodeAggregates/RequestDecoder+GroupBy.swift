import Schema
import Text

/// `groupBy` with `having`.
extension RequestDecoder {
    private static let groupByArguments = ["by", "where", "orderBy", "take", "skip", "having"] + aggregateNames

    mutating func decodeGroupBy(_ model: Model, _ args: Int?) throws(Failure) -> Request.Body {
        let arguments = try topArguments(args, Self.groupByArguments)
        guard let names = arguments[0] else { throw .missing(at: "args.by", expected: model.scalarNames) }
        let by = try fieldNames(names, model, at: "args.by")
        guard !by.isEmpty else { throw .input(.empty, at: "args.by", "is empty: At least one selection is required for the `by` argument.") }
        var rows = try decodeRows(model, [arguments[1], nil, nil, arguments[3], arguments[4]], at: "args")
        if let order = arguments[2] { rows.order = try decodeGroupOrders(order, by, model, at: "args.orderBy") }
        try requireOrder(of: rows, at: "args")
        var having = Having.all([])
        if let value = arguments[5] { having = try decodeHaving(value, by, model, at: "args.having") }
        let aggregations = try decodeAggregations(Array(arguments[6...]), model)
        return .groupBy(Grouping(rows: rows, by: by, aggregations: aggregations, having: having))
    }

    // MARK: Order

    private mutating func decodeGroupOrders(_ value: JSONValue, _ by: [Int], _ model: Model, at path: String) throws(Failure) -> [Order] {
        var orders: [Order] = []
        for (element, elementPath) in try orderElements(value, at: path) {
            let names = model.scalarNames + Self.aggregateNames
            let member = try orderMember(element, at: elementPath, rank: { names.firstIndex(ofExactly: $0) }, names: { names })
            guard let member else { continue }
            if let order = try decodeGroupOrder(member, by, model, at: "\(elementPath).\(member.name)") { orders.append(order) }
        }
        return orders
    }

    private func decodeGroupOrder(_ member: Member, _ by: [Int], _ model: Model, at path: String) throws(Failure) -> Order? {
        if let field = model.queryableField(named: member.name) {
            guard by.contains(field.index) else {
                throw .input(at: path, "has to be in `by`: Every field used for orderBy must be included in the by-arguments of the query.")
            }
            return try decodeFieldOrder(member.value, field, [], at: path)
        }
        let position = Self.aggregateNames.firstIndex(ofExactly: member.name) ?? 0
        let names = Self.aggregatedNames(position, model)
        let inner = try orderMember(member.value, at: path, rank: { names.firstIndex(ofExactly: $0) }, names: { names })
        guard let inner, let field = model.position(ofField: inner.name) else { return nil }
        let isDescending = try decodeDirection(inner.value, at: "\(path).\(inner.name)")
        return Order(term: .aggregate(Self.aggregation(position, of: [field])), isDescending: isDescending)
    }

    // MARK: Having

    /// Filters on fields that are grouped by and on aggregates of any: `{"total": {"_avg": {"gt": 100}}}`.
    private mutating func decodeHaving(
        _ value: JSONValue, _ by: [Int], _ model: Model, at path: String, isRoot: Bool = true
    ) throws(Failure) -> Having {
        try enter(path)
        defer { leave() }
        let members = try members(of: value, at: path, expected: ["\(model.name)ScalarWhereWithAggregatesInput"]) { name in
            model.field(named: name)?.isRelation == true ? nil : Self.filterRank(name, model)
        } names: {
            model.scalarNames + Self.filterGroups
        }
        var conditions: [Having] = []
        for member in members {
            let memberPath = "\(path).\(member.name)"
            let condition =
                try member.rank < Self.firstFieldRank
                ? decodeHavingGroup(member, by, model, at: memberPath, isRoot: isRoot)
                : decodeHavingField(member.value, model.fields[member.rank - Self.firstFieldRank], by, model, at: memberPath)
            if !condition.isAlwaysTrue { conditions.append(condition) }
        }
        return .conjunction(conditions)
    }

    /// As in `where`, an empty `OR` at the root is false, and any other empty group says nothing.
    @inline(never)
    private mutating func decodeHavingGroup(
        _ member: Member, _ by: [Int], _ model: Model, at path: String, isRoot: Bool
    ) throws(Failure) -> Having {
        var conditions: [Having] = []
        for (value, elementPath) in try groupElements(member, "\(model.name)ScalarWhereWithAggregatesInput", at: path) {
            let condition = try decodeHaving(value, by, model, at: elementPath, isRoot: false)
            if !condition.isAlwaysTrue { conditions.append(condition) }
        }
        switch member.rank {
        case 0: return .conjunction(conditions)
        case 1:
            if conditions.isEmpty { return isRoot ? .any([]) : .all([]) }
            return conditions.count == 1 ? conditions[0] : .any(conditions)
        default: return .conjunction(conditions.map { .not($0) })
        }
    }

    @inline(never)
    private mutating func decodeHavingField(
        _ value: JSONValue, _ field: Field, _ by: [Int], _ model: Model, at path: String
    ) throws(Failure) -> Having {
        guard field.arity != .list, let subject = FilterSubject(field, model), subject.type.scalar != .json else {
            throw .validation(.notAllowed, at: path, "cannot be filtered in `having`.")
        }
        var conditions: [Having] = []
        let isPlain = value.kind != .object || TaggedValue(value)?.isScalar == true
        if isPlain || value.members.contains(where: { member in !Self.aggregateNames.contains { member.isKey($0) } }) {
            try requireGrouped(field, by, at: path)
            let tests = try isPlain ? decodeScalarTests(value, subject, at: path) : decodeHavingTests(value, subject, field, at: path)
            conditions = tests.map { .field(field.index, $0) }
        }
        if !isPlain { conditions += try decodeHavingAggregates(value, field, subject, at: path) }
        return .conjunction(conditions)
    }

    /// The tests of the field itself in an object that may hold aggregates too.
    @inline(never)
    private mutating func decodeHavingTests(
        _ value: JSONValue, _ subject: FilterSubject, _ field: Field, at path: String
    ) throws(Failure) -> [ScalarTest] {
        try decodeScalarObject(
            value, subject, FilterModifiers(), at: path,
            ignoring: Self.aggregateNames.filter { name in
                Self.takes(Self.aggregateNames.firstIndex(ofExactly: name) ?? 0, field)
            })
    }

    @inline(never)
    private mutating func decodeHavingAggregates(
        _ value: JSONValue, _ field: Field, _ subject: FilterSubject, at path: String
    ) throws(Failure) -> [Having] {
        var conditions: [Having] = []
        for (position, name) in Self.aggregateNames.enumerated() {
            guard let member = value.members.first(where: { $0.isKey(name) }) else { continue }
            guard Self.takes(position, field) else { throw .unknown(name, in: path, expected: subject.operators(isNested: false), kind: .unknownArgument) }
            let type = Self.aggregateType(position, of: subject.type)
            let aggregated = FilterSubject(type: type, isNullable: subject.isNullable, model: subject.model)
            let aggregation = Self.aggregation(position, of: [field.index])
            var modifiers = FilterModifiers()
            modifiers.isNested = true
            let tests = try decodeScalarObject(member.value, aggregated, modifiers, at: "\(path).\(name)")
            conditions += tests.map { .aggregate(aggregation, $0) }
        }
        return conditions
    }

    @inline(never)
    private func requireGrouped(_ field: Field, _ by: [Int], at path: String) throws(Failure) {
        if by.contains(field.index) { return }
        throw .input(
            at: path,
            "is not in `by`: Every field used in `having` filters must either be an aggregation filter or be included in the selection of the query. Missing fields: \(field.name)"
        )
    }
}

extension Having {
    static func conjunction(_ conditions: [Having]) -> Having { conditions.count == 1 ? conditions[0] : .all(conditions) }

    var isAlwaysTrue: Bool {
        if case .all(let conditions) = self { return conditions.isEmpty }
        return false
    }
}
