import Schema
import Text

/// `orderBy`: one object or a list of them, each with at most one member.
extension RequestDecoder {
    private static let directions = ["asc", "desc"]

    @inline(never)
    mutating func decodeOrders(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> [Order] {
        var orders: [Order] = []
        for (element, elementPath) in try orderElements(value, at: path) {
            if let order = try decodeOrder(element, model, [], at: elementPath) { orders.append(order) }
        }
        return orders
    }

    @inline(never)
    func orderElements(_ value: JSONValue, at path: String) throws(Failure) -> [(JSONValue, path: String)] {
        if value.kind == .object { return [(value, path)] }
        guard value.kind == .array else { throw .mismatch(at: path, expected: ["an object", "a list of them"], found: value) }
        return value.elements.enumerated().map { ($1, "\(path)[\($0)]") }
    }

    /// The one member of an object of `orderBy`; nil when there is none.
    @inline(never)
    func orderMember(
        _ value: JSONValue, at path: String, rank: (String) -> Int?, names: () -> [String]
    ) throws(Failure) -> Member? {
        let members = try members(of: value, at: path, expected: ["an object with one member"], rank: rank, names: names)
        guard members.count <= 1 else {
            throw .validation(.notAllowed, at: path, "needs at most one member; an order by several is a list of objects.")
        }
        return members.first
    }

    private mutating func decodeOrder(
        _ value: JSONValue, _ model: Model, _ relations: [Int], at path: String
    ) throws(Failure) -> Order? {
        try enter(path)
        defer { leave() }
        let relevanceRank = model.fields.count
        let member = try orderMember(value, at: path) { name in
            if let field = model.queryableField(named: name) { return field.index }
            return name.isExactly("_relevance") && relations.isEmpty ? relevanceRank : nil
        } names: {
            model.fields.filter(\.isQueryable).map(\.name)
        }
        guard let member else { return nil }
        let memberPath = "\(path).\(member.name)"
        if member.rank == relevanceRank { return try decodeRelevance(member.value, model, at: memberPath) }
        let field = model.fields[member.rank]
        guard let relation = field.relation else {
            return try decodeFieldOrder(member.value, field, relations, at: memberPath)
        }
        let related = schema.models[relation.model]
        if field.arity == .list { return try decodeCountOrder(member.value, field, relations, at: memberPath) }
        return try decodeOrder(member.value, related, relations + [field.index], at: memberPath)
    }

    /// `"asc"`, or `{"sort": "asc", "nulls": "last"}` where the field can be null.
    @inline(never)
    func decodeFieldOrder(_ value: JSONValue, _ field: Field, _ relations: [Int], at path: String) throws(Failure) -> Order {
        var order = Order(path: relations, term: .field(field.index))
        guard value.kind == .object else {
            order.isDescending = try word(value, at: path, Self.directions) == 1
            return order
        }
        guard field.arity == .optional else {
            throw .validation(
                .wrongType, at: path, "has an invalid argument type: \"asc\" or \"desc\" is expected, as the field is never null.", expected: Self.directions)
        }
        let arguments = try arguments(of: value, at: path, ["sort", "nulls"])
        guard let sort = arguments[0] else { throw .missing(at: "\(path).sort", expected: Self.directions) }
        order.isDescending = try word(sort, at: "\(path).sort", Self.directions) == 1
        if let nulls = arguments[1] {
            order.nulls = try word(nulls, at: "\(path).nulls", ["first", "last"]) == 0 ? .first : .last
        }
        return order
    }

    func decodeDirection(_ value: JSONValue, at path: String) throws(Failure) -> Bool {
        try word(value, at: path, Self.directions) == 1
    }

    /// `{"posts": {"_count": "desc"}}`
    @inline(never)
    private func decodeCountOrder(
        _ value: JSONValue, _ field: Field, _ relations: [Int], at path: String
    ) throws(Failure) -> Order? {
        let arguments = try arguments(of: value, at: path, ["_count"])
        guard let count = arguments[0] else { return nil }
        let isDescending = try decodeDirection(count, at: "\(path)._count")
        return Order(path: relations, term: .count(relation: field.index), isDescending: isDescending)
    }

    /// `{"fields": ["title"], "search": "cat & dog", "sort": "desc"}`
    @inline(never)
    private mutating func decodeRelevance(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> Order {
        let arguments = try arguments(of: value, at: path, ["fields", "search", "sort"])
        guard let names = arguments[0] else { throw .missing(at: "\(path).fields", expected: model.scalarNames) }
        guard let search = arguments[1] else { throw .missing(at: "\(path).search", expected: ["String"]) }
        guard let sort = arguments[2] else { throw .missing(at: "\(path).sort", expected: Self.directions) }
        let fields = try fieldNames(names, model, at: "\(path).fields")
        let areStrings = fields.allSatisfy { model.fields[$0].valueType?.scalar == .string && model.fields[$0].arity != .list }
        guard !fields.isEmpty, areStrings else { throw .validation(.wrongType, at: "\(path).fields", "has to name String fields.") }
        guard search.kind == .string else { throw .mismatch(at: "\(path).search", expected: ["String"], found: search) }
        let slot = try slot(.value, Slot.ValueType(.string), at: search, "\(path).search")
        let isDescending = try decodeDirection(sort, at: "\(path).sort")
        return Order(term: .relevance(fields: fields, search: slot), isDescending: isDescending)
    }
}
