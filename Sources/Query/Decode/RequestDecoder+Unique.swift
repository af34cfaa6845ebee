import Schema
import Text

/// `where` of `findUnique`, and `cursor`: a unique key of the model, named by its field or by the name of a compound key.
extension RequestDecoder {
    /// The values that a unique filter gives for keys.
    typealias KeyValues = [(field: Int, slot: Int)]

    static func selectorNames(_ model: Model) -> [String] { model.selectors.map(\.name) }

    /// `{"id": 1}`, `{"a_b": {"a": 1, "b": 2}}`, and further filters beside.
    mutating func decodeUniqueFilter(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> Filter {
        let compounds = model.compoundKeys
        let members = try members(of: value, at: path, expected: ["\(model.name)WhereUniqueInput"]) {
            Self.uniqueRank($0, model, compounds)
        } names: {
            compounds.map(\.name) + Self.filterNames(model)
        }
        try requireSelector(members, model, at: path)
        var filters: [Filter] = []
        for member in members {
            let memberPath = "\(path).\(member.name)"
            let isCompound = member.rank >= Self.firstFieldRank + model.fields.count
            if isCompound {
                let values = try decodeCompound(member.value, compounds[member.rank - Self.firstFieldRank - model.fields.count], model, at: memberPath)
                filters += values.map { .scalar(field: $0.field, .compare(.equals, .slot($0.slot), isInsensitive: false)) }
            } else if model.isSelector(member.name) {
                let slot = try decodeKeyValue(member.value, model.fields[member.rank - Self.firstFieldRank], at: memberPath)
                let field = member.rank - Self.firstFieldRank
                filters.append(.scalar(field: field, .compare(.equals, .slot(slot), isInsensitive: false)))
            } else if let filter = try decodeFilterMember(member, model, at: memberPath, isRoot: true) {
                filters.append(filter)
            }
        }
        return .conjunction(filters)
    }

    /// The values of a unique key, and of further scalar fields: where a page begins.
    @inline(never)
    mutating func decodeCursor(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> KeyValues {
        let compounds = model.compoundKeys
        let members = try members(of: value, at: path, expected: ["\(model.name)WhereUniqueInput"]) {
            let rank = Self.uniqueRank($0, model, compounds)
            return rank.flatMap { $0 < Self.firstFieldRank ? nil : $0 }
        } names: {
            compounds.map(\.name) + model.scalarNames
        }
        try requireSelector(members, model, at: path)
        var values: KeyValues = []
        for member in members {
            let memberPath = "\(path).\(member.name)"
            let position = member.rank - Self.firstFieldRank
            let more: KeyValues
            if position >= model.fields.count {
                more = try decodeCompound(member.value, compounds[position - model.fields.count], model, at: memberPath)
            } else {
                more = [(position, try decodeKeyValue(member.value, model.fields[position], at: memberPath))]
            }
            values += more
        }
        return values
    }

    /// Filters first, then fields, then compound keys, whose names are not those of fields.
    private static func uniqueRank(_ name: String, _ model: Model, _ compounds: [Key]) -> Int? {
        if let rank = filterRank(name, model) { return rank }
        return compounds.firstIndex { $0.name.isExactly(name) }.map { firstFieldRank + model.fields.count + $0 }
    }

    @inline(never)
    private func requireSelector(_ members: [Member], _ model: Model, at path: String) throws(Failure) {
        if members.contains(where: { model.isSelector($0.name) }) { return }
        let names = Self.selectorNames(model)
        throw .validation(
            .needsUnique, at: path,
            "needs at least one of the unique keys of \(model.name). Expected a minimum of 1 fields of (\(names.joined(separator: ", "))) to be present, got 0.",
            expected: names)
    }

    private mutating func decodeCompound(
        _ value: JSONValue, _ key: Key, _ model: Model, at path: String
    ) throws(Failure) -> KeyValues {
        let names = key.fields.map { model.fields[$0].name }
        let arguments = try arguments(of: value, at: path, names)
        var values: KeyValues = []
        for (position, field) in key.fields.enumerated() {
            let fieldPath = "\(path).\(names[position])"
            guard let argument = arguments[position] else { throw .missing(at: fieldPath, expected: [model.fields[field].typeName(schema)]) }
            values.append((field, try decodeKeyValue(argument, model.fields[field], at: fieldPath)))
        }
        return values
    }

    /// A plain or tagged value: no filter, no null.
    private mutating func decodeKeyValue(_ value: JSONValue, _ field: Field, at path: String) throws(Failure) -> Int {
        guard let type = field.valueType, field.arity != .list, isPlainValue(value), !value.isNull else {
            throw .mismatch(at: path, expected: [field.typeName(schema)], found: value)
        }
        return try slot(.value, type, at: value, path)
    }

    /// A scalar of the text or a tagged value; null too.
    func isPlainValue(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .array: false
        case .object: TaggedValue(value)?.isScalar ?? false
        default: true
        }
    }
}

extension Model {
    /// The keys of several fields, which a request names by the key.
    var compoundKeys: [Key] { selectors.filter(\.isCompound) }

    /// Returns true if the name is that of a unique key.
    func isSelector(_ name: String) -> Bool { selectors.contains { $0.name.isExactly(name) } }
}

extension Field {
    /// What an error calls the type: `Int`, an enum's name, a model's name.
    func typeName(_ schema: Schema) -> String {
        switch type {
        case .scalar(let scalar): scalar.rawValue
        case .enumeration(let index): schema.enums[index].name
        case .relation(let relation): schema.models[relation.model].name
        case .unsupported(let name): name
        }
    }
}
