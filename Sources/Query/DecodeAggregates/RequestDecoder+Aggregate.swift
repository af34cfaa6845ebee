import Schema
import Text

/// `count` and `aggregate`, and the aggregates that `groupBy` has too.
extension RequestDecoder {
    static let aggregateNames = ["_count", "_avg", "_sum", "_min", "_max"]
    private static let countArguments = ["where", "orderBy", "cursor", "take", "skip", "select"]
    private static let aggregateArguments = ["where", "orderBy", "cursor", "take", "skip"] + aggregateNames

    mutating func decodeCount(_ model: Model, _ args: Int?) throws(Failure) -> Request.Body {
        let arguments = try topArguments(args, Self.countArguments)
        let rows = try decodeRows(model, Array(arguments[..<5]), at: "args")
        try requireStableCursor(rows, model)
        guard let select = arguments[5], select.kind == .object else {
            if let select = arguments[5], select.kind != .true, !select.isNull {
                throw .mismatch(at: "args.select", expected: ["Object"], found: select)
            }
            return .count(rows, [.all], isNumber: true)
        }
        return .count(rows, try decodeCounted(select, model, at: "args.select"), isNumber: false)
    }

    mutating func decodeAggregate(_ model: Model, _ args: Int?) throws(Failure) -> Request.Body {
        let arguments = try topArguments(args, Self.aggregateArguments)
        let rows = try decodeRows(model, Array(arguments[..<5]), at: "args")
        try requireStableCursor(rows, model)
        let aggregations = try decodeAggregations(Array(arguments[5...]), model)
        guard !aggregations.isEmpty else {
            throw .validation(.empty, at: "args", "needs at least one of \(Self.aggregateNames.joined(separator: ", ")).", expected: Self.aggregateNames)
        }
        return .aggregate(rows, aggregations)
    }

    /// A page of an aggregate begins at one record only where the order is total.
    private func requireStableCursor(_ rows: Rows, _ model: Model) throws(Failure) {
        guard !rows.cursor.isEmpty, !rows.order.isEmpty else { return }
        let ordered = rows.order.compactMap { order -> Int? in
            if order.path.isEmpty, case .field(let field) = order.term { return field }
            return nil
        }
        if model.selectors.contains(where: { $0.fields.allSatisfy(ordered.contains) }) { return }
        throw .input(
            at: "args.cursor",
            "with this `orderBy`: Unable to process combination of query arguments for aggregation query. The order has to hold a unique key.")
    }

    /// The values of `_count _avg _sum _min _max`, nil or false where not asked for.
    func decodeAggregations(_ values: [JSONValue?], _ model: Model) throws(Failure) -> [Aggregation] {
        var aggregations: [Aggregation] = []
        for (position, name) in Self.aggregateNames.enumerated() {
            guard let value = values[position], value.kind != .false else { continue }
            aggregations.append(try decodeAggregation(position, value, model, at: "args.\(name)"))
        }
        return aggregations
    }

    private func decodeAggregation(_ position: Int, _ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> Aggregation {
        if position == 0 {
            return value.kind == .true ? .countAll : .count(try decodeCounted(value, model, at: path))
        }
        let fields = try decodeFlags(value, Self.aggregatedNames(position, model), at: path).compactMap { model.position(ofField: $0) }
        return Self.aggregation(position, of: fields)
    }

    /// `{"_all": true, "email": true}`
    private func decodeCounted(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> [CountedField] {
        let names = try decodeFlags(value, model.scalarNames + ["_all"], at: path)
        return names.map { name in model.position(ofField: name).map { .field($0) } ?? .all }
    }

    /// The names in an object that are true, in the order of `names`; at least one.
    private func decodeFlags(_ value: JSONValue, _ names: [String], at path: String) throws(Failure) -> [String] {
        let members = try members(of: value, at: path, expected: ["Object"], rank: { names.firstIndex(ofExactly: $0) }, names: { names })
        var flags: [String] = []
        for member in members {
            guard let isWanted = member.value.bool else {
                throw .mismatch(at: "\(path).\(member.name)", expected: ["Boolean"], found: member.value)
            }
            if isWanted { flags.append(member.name) }
        }
        guard !flags.isEmpty else { throw .validation(.empty, at: path, "needs at least one member that is true.", expected: names) }
        return flags
    }

    // MARK: What has which aggregate

    /// The fields that an aggregate takes.
    static func aggregatedNames(_ position: Int, _ model: Model) -> [String] {
        model.fields.filter { takes(position, $0) }.map(\.name)
    }

    /// `_count` takes any scalar, `_avg` and `_sum` numbers, `_min` and `_max` what has an order or looks like it.
    static func takes(_ position: Int, _ field: Field) -> Bool {
        guard field.isQueryable, let type = field.valueType else { return false }
        if position == 0 { return true }
        guard field.arity != .list else { return false }
        let isNumber: Bool
        switch type.scalar {
        case .int, .bigInt, .float, .decimal: isNumber = true
        case .string, .boolean, .dateTime, .json, .bytes: isNumber = false
        }
        return position <= 2 ? isNumber : type.scalar != .json
    }

    static func aggregation(_ position: Int, of fields: [Int]) -> Aggregation {
        switch position {
        case 0: .count(fields.map { .field($0) })
        case 1: .average(fields)
        case 2: .sum(fields)
        case 3: .minimum(fields)
        default: .maximum(fields)
        }
    }

    /// The type of an aggregate of a field.
    static func aggregateType(_ position: Int, of type: Slot.ValueType) -> Slot.ValueType {
        switch position {
        case 0: Slot.ValueType(.int, isTotal: true)
        case 1: Slot.ValueType(type.scalar == .decimal ? .decimal : .float)
        // Why without the native type: a sum of smallints need not be one.
        case 2: Slot.ValueType(type.scalar, isTotal: true)
        default: type
        }
    }
}
