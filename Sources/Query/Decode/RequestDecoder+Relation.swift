import Schema
import Text

/// Filters over relations: `some`, `every`, `none` of many; `is`, `isNot` and the short form of one.
extension RequestDecoder {
    private static let toManyOperators = ["some", "every", "none"]
    private static let toOneOperators = ["is", "isNot"]
    private static let quantifiers: [Filter.Quantifier] = [.some, .every, .none]

    @inline(never)
    mutating func decodeRelationFilter(
        _ value: JSONValue, _ field: Field, _ relation: Relation, at path: String
    ) throws(Failure) -> Filter {
        try enter(path)
        defer { leave() }
        let related = schema.models[relation.model]
        if field.arity == .list { return try decodeToMany(value, field, related, at: path) }
        if value.isNull {
            try requireOptional(field, related, at: path)
            return .toOneAbsent(field: field.index, isNegated: false)
        }
        let isShort = value.kind == .object && value.count > 0 && !value.members.contains { $0.isKey("is") || $0.isKey("isNot") }
        if isShort {
            return .toOne(field: field.index, try decodeFilter(value, related, at: path), isNegated: false)
        }
        return try decodeToOne(value, field, related, at: path)
    }

    @inline(never)
    private mutating func decodeToMany(
        _ value: JSONValue, _ field: Field, _ related: Model, at path: String
    ) throws(Failure) -> Filter {
        let arguments = try arguments(of: value, at: path, Self.toManyOperators, expected: ["\(related.name)ListRelationFilter"])
        var filters: [Filter] = []
        for (position, quantifier) in Self.quantifiers.enumerated() {
            guard let argument = arguments[position] else { continue }
            let argumentPath = "\(path).\(Self.toManyOperators[position])"
            if argument.isNull { throw .null(at: argumentPath, expected: ["\(related.name)WhereInput"]) }
            filters.append(.toMany(field: field.index, quantifier, try decodeFilter(argument, related, at: argumentPath)))
        }
        return .conjunction(filters)
    }

    @inline(never)
    private mutating func decodeToOne(
        _ value: JSONValue, _ field: Field, _ related: Model, at path: String
    ) throws(Failure) -> Filter {
        let arguments = try arguments(of: value, at: path, Self.toOneOperators, expected: ["\(related.name)WhereInput"])
        var filters: [Filter] = []
        for (position, name) in Self.toOneOperators.enumerated() {
            guard let argument = arguments[position] else { continue }
            let isNegated = position == 1
            let argumentPath = "\(path).\(name)"
            if argument.isNull {
                try requireOptional(field, related, at: argumentPath)
                filters.append(.toOneAbsent(field: field.index, isNegated: isNegated))
            } else {
                let filter = try decodeFilter(argument, related, at: argumentPath)
                filters.append(.toOne(field: field.index, filter, isNegated: isNegated))
            }
        }
        return .conjunction(filters)
    }

    @inline(never)
    private func requireOptional(_ field: Field, _ related: Model, at path: String) throws(Failure) {
        if field.arity == .optional { return }
        throw .validation(.missing, at: path, "must not be null: the relation is required.", expected: ["\(related.name)WhereInput"])
    }
}
