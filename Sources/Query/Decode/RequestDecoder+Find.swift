import Schema
import Text

/// The arguments of the reads that find records.
extension RequestDecoder {
    private static let uniqueArguments = ["where", "select", "include", "omit", "relationLoadStrategy"]
    private static let findArguments = [
        "where", "orderBy", "cursor", "take", "skip", "distinct", "select", "include", "omit", "relationLoadStrategy",
    ]

    /// `args`; an empty object's members when not given.
    func topArguments(_ node: Int?, _ names: [String]) throws(Failure) -> [JSONValue?] {
        guard let node else { return [JSONValue?](repeating: nil, count: names.count) }
        return try arguments(of: JSONValue(document: document, index: node), at: "args", names, ignoring: "cacheStrategy")
    }

    /// `findUnique`, `findUniqueOrThrow`.
    mutating func decodeUnique(_ model: Model, _ args: Int?) throws(Failure) -> Request.Body {
        let arguments = try topArguments(args, Self.uniqueArguments)
        try checkLoadStrategy(arguments[4])
        guard let filter = arguments[0] else { throw .missing(at: "args.where", expected: Self.selectorNames(model)) }
        var rows = Rows(model: model.index)
        rows.filter = try decodeUniqueFilter(filter, model, at: "args.where")
        let selection = try decodeSelection(
            model, select: arguments[1], include: arguments[2], omit: arguments[3], at: "args")
        return .find(rows, selection)
    }

    /// `findFirst`, `findFirstOrThrow`, `findMany`.
    mutating func decodeFind(_ operation: Request.Operation, _ model: Model, _ args: Int?) throws(Failure) -> Request.Body {
        let arguments = try topArguments(args, Self.findArguments)
        try checkLoadStrategy(arguments[9])
        var rows = try decodeRows(model, Array(arguments[..<6]), at: "args", isSingle: operation != .findMany)
        if let distinct = arguments[5] { try decodeDistinct(distinct, model, at: "args.distinct", into: &rows) }
        let selection = try decodeSelection(
            model, select: arguments[6], include: arguments[7], omit: arguments[8], at: "args")
        return .find(rows, selection)
    }

    /// `relationLoadStrategy` is checked and has no effect: both strategies give the same answer.
    func checkLoadStrategy(_ value: JSONValue?) throws(Failure) {
        guard let value else { return }
        _ = try word(value, at: "args.relationLoadStrategy", ["join", "query"])
    }

    /// `where orderBy cursor take skip`, in this order in `arguments`.
    @inline(never)
    mutating func decodeRows(
        _ model: Model, _ arguments: [JSONValue?], at path: String, isSingle: Bool = false
    ) throws(Failure) -> Rows {
        var rows = Rows(model: model.index)
        if let filter = arguments[0] { rows.filter = try decodeFilter(filter, model, at: "\(path).where") }
        if let order = arguments[1] { rows.order = try decodeOrders(order, model, at: "\(path).orderBy") }
        if let cursor = arguments[2] { rows.cursor = try decodeCursor(cursor, model, at: "\(path).cursor") }
        if let take = arguments[3] { rows.take = try decodeTake(take, at: "\(path).take", isSingle: isSingle) }
        if let skip = arguments[4] { (rows.skip, rows.skipLiteral) = try decodeSkip(skip, at: "\(path).skip") }
        // Why: a page needs an order, and nothing else here has one that is the same each time.
        if model.isView, model.selectors.isEmpty { try requireOrder(of: rows, at: path) }
        return rows
    }

    /// A page needs an order.
    func requireOrder(of rows: Rows, at path: String) throws(Failure) {
        guard rows.order.isEmpty, rows.take != nil || (rows.skip != nil && rows.skipLiteral != 0) else { return }
        throw .missing(at: "\(path).orderBy", expected: ["an object", "a list of them"])
    }

    /// The sign of `take` is part of the request, its magnitude, where it is large, a value. `findFirst` takes one record from either end.
    @inline(never)
    mutating func decodeTake(_ value: JSONValue, at path: String, isSingle: Bool = false) throws(Failure) -> Take {
        guard value.kind == .number else { throw .mismatch(at: path, expected: ["Int"], found: value) }
        let type = Slot.ValueType(.int)
        guard isSingle else {
            let (slot, literal) = try amount(value, at: path, literalUpTo: QueryLimit.literalTake)
            return Take(slot: slot, literal: literal, isBackward: value.node.isNegative)
        }
        guard value.integer?.magnitude == 1 else { throw .input(.outOfRange, at: path, "has to be 1 or -1 where one record is asked for.") }
        return Take(slot: try structuralSlot(.magnitude, type, at: value, path), isBackward: value.node.isNegative)
    }

    /// A whole number of records: its slot, and itself when it is small.
    private mutating func amount(
        _ value: JSONValue, at path: String, literalUpTo limit: UInt64
    ) throws(Failure) -> (slot: Int, literal: Int?) {
        let type = Slot.ValueType(.int)
        guard let magnitude = value.integer?.magnitude, magnitude <= limit else {
            return (try slot(.magnitude, type, at: value, above: limit, path), nil)
        }
        return (try structuralSlot(.magnitude, type, at: value, path), Int(magnitude))
    }

    @inline(never)
    mutating func decodeSkip(_ value: JSONValue, at path: String) throws(Failure) -> (slot: Int, literal: Int?) {
        guard value.kind == .number else { throw .mismatch(at: path, expected: ["Int"], found: value) }
        if value.node.isNegative, value.integer != 0 { throw .input(.outOfRange, at: path, "must not be negative.") }
        return try amount(value, at: path, literalUpTo: QueryLimit.literalSkip)
    }

    /// One name or a list of names of scalar fields.
    @inline(never)
    mutating func decodeDistinct(_ value: JSONValue, _ model: Model, at path: String, into rows: inout Rows) throws(Failure) {
        let fields = try fieldNames(value, model, at: path)
        rows.distinct = fields.sorted()
        rows.isDistinctOnNothing = fields.isEmpty
        guard rows.cursor.isEmpty || rows.order.count <= QueryLimit.ordersOfDistinctPage else {
            throw .validation(
                .overLimit, at: path, "cannot stand beside `cursor` and an `orderBy` of more than \(QueryLimit.ordersOfDistinctPage) terms.")
        }
    }

    /// Scalar fields by name, each once, in the order of the text.
    @inline(never)
    func fieldNames(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> [Int] {
        if value.kind == .string { return [try fieldName(value, model, at: path)] }
        guard value.kind == .array else { throw .mismatch(at: path, expected: ["a field's name", "a list of them"], found: value) }
        var fields: [Int] = []
        for (position, element) in value.elements.enumerated() {
            let field = try fieldName(element, model, at: "\(path)[\(position)]")
            if !fields.contains(field) { fields.append(field) }
        }
        return fields
    }

    private func fieldName(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> Int {
        guard let name = value.string else { throw .mismatch(at: path, expected: ["a field's name"], found: value) }
        if let field = model.queryableField(named: name), !field.isRelation { return field.index }
        let names = model.scalarNames
        var suggestions = NameSuggestion()
        throw .validation(
            .unknownField, at: path, "names no scalar field of \(model.name).", expected: names, suggestion: suggestions.nearest(to: name, in: names))
    }
}

extension Model {
    /// A field that a query may name.
    func queryableField(named name: String) -> Field? {
        guard let field = field(named: name), field.isQueryable else { return nil }
        return field
    }

    /// The scalar fields that a query may name.
    var scalarIndexes: [Int] { fields.filter { $0.isQueryable && !$0.isRelation }.map(\.index) }

    @inline(never)
    func scalarIndex(named name: String) -> Int? {
        guard let index = position(ofField: name), fields[index].isQueryable, !fields[index].isRelation else { return nil }
        return index
    }

    /// Of the scalar fields that a query may name.
    var scalarNames: [String] { fields.filter { $0.isQueryable && !$0.isRelation }.map(\.name) }
}

extension Field {
    var relation: Relation? {
        if case .relation(let relation) = type { return relation }
        return nil
    }

    /// What a value of the field, or of an element of it, has to be; nil for relations and unsupported columns.
    var valueType: Slot.ValueType? {
        switch type {
        case .scalar(let scalar): Slot.ValueType(scalar, nativeType: nativeType)
        case .enumeration(let index): Slot.ValueType(.string, enumeration: index, nativeType: nativeType)
        case .relation, .unsupported: nil
        }
    }
}
