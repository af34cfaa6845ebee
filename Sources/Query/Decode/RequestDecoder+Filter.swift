import Schema
import Text

/// `where`: fields, and `AND`, `OR`, `NOT` around them.
extension RequestDecoder {
    static let filterGroups = ["AND", "OR", "NOT"]
    static let firstFieldRank = 3

    /// The place of a member of `where`: groups first, then fields as in the schema.
    static func filterRank(_ name: String, _ model: Model) -> Int? {
        if let group = filterGroups.firstIndex(ofExactly: name) { return group }
        return model.queryableField(named: name).map { firstFieldRank + $0.index }
    }

    static func filterNames(_ model: Model) -> [String] {
        model.fields.filter(\.isQueryable).map(\.name) + filterGroups
    }

    /// `{"email": {"contains": "x"}, "OR": […]}`: all members hold.
    mutating func decodeFilter(_ value: JSONValue, _ model: Model, at path: String, isRoot: Bool = true) throws(Failure) -> Filter {
        try enter(path)
        defer { leave() }
        let members = try members(of: value, at: path, expected: ["\(model.name)WhereInput"]) {
            Self.filterRank($0, model)
        } names: {
            Self.filterNames(model)
        }
        var filters: [Filter] = []
        for member in members {
            let memberPath = "\(path).\(member.name)"
            if let filter = try decodeFilterMember(member, model, at: memberPath, isRoot: isRoot) { filters.append(filter) }
        }
        return .conjunction(joinSearches(filters))
    }

    /// Decodes one member of `where`; nil when it has no effect.
    @inline(never)
    mutating func decodeFilterMember(
        _ member: Member, _ model: Model, at path: String, isRoot: Bool
    ) throws(Failure) -> Filter? {
        if member.rank < Self.firstFieldRank {
            let filters = try decodeGroup(member, model, at: path)
            return Self.combine(member.rank == 2 ? filters : joinSearches(filters), as: member.rank, isRoot: isRoot)
        }
        let field = model.fields[member.rank - Self.firstFieldRank]
        let filter: Filter
        if let relation = field.relation {
            filter = try decodeRelationFilter(member.value, field, relation, at: path)
        } else {
            filter = try decodeFieldFilter(member.value, field, model, at: path)
        }
        return filter.isAlwaysTrue ? nil : filter
    }

    @inline(never)
    private mutating func decodeFieldFilter(
        _ value: JSONValue, _ field: Field, _ model: Model, at path: String
    ) throws(Failure) -> Filter {
        if field.arity == .list {
            return .conjunction(try decodeListTests(value, field, model, at: path).map { .list(field: field.index, $0) })
        }
        if case .scalar(.json) = field.type {
            return .conjunction(try decodeJSONTests(value, field, model, at: path).map { .json(field: field.index, $0) })
        }
        guard let subject = FilterSubject(field, model) else { throw .validation(.notAllowed, at: path, "cannot be filtered.") }
        return .conjunction(try decodeScalarTests(value, subject, at: path).map { .scalar(field: field.index, $0) })
    }

    /// Decodes the filters in `AND`, `OR` or `NOT`, without those that have no effect.
    @inline(never)
    private mutating func decodeGroup(_ member: Member, _ model: Model, at path: String) throws(Failure) -> [Filter] {
        var filters: [Filter] = []
        for (value, elementPath) in try groupElements(member, "\(model.name)WhereInput", at: path) {
            let filter = try decodeFilter(value, model, at: elementPath, isRoot: false)
            if !filter.isAlwaysTrue { filters.append(filter) }
        }
        return filters
    }

    /// `AND` and `NOT` take an object or a list of them, `OR` a list.
    @inline(never)
    func groupElements(_ member: Member, _ type: String, at path: String) throws(Failure) -> [(JSONValue, path: String)] {
        let isList = member.value.kind == .array
        let takesObject = member.rank != 1
        guard isList || (takesObject && member.value.kind == .object) else {
            throw .mismatch(at: path, expected: takesObject ? [type, "\(type)[]"] : ["\(type)[]"], found: member.value)
        }
        if !isList { return [(member.value, path)] }
        return member.value.elements.enumerated().map { ($1, "\(path)[\($0)]") }
    }

    /// Joins the filters of a group. Nil when the group has no effect, as an empty one. An empty `OR` at the root of a `where` is
    /// different: no record passes it.
    ///
    /// Why the root differs: it does in Prisma Client, and programs that build filters rely on either.
    private static func combine(_ filters: [Filter], as group: Int, isRoot: Bool) -> Filter? {
        switch group {
        case 0: return filters.isEmpty ? nil : .conjunction(filters)
        case 1:
            if filters.isEmpty { return isRoot ? .any([]) : nil }
            return filters.count == 1 ? filters[0] : .any(filters)
        default: return filters.isEmpty ? nil : .conjunction(filters.map { .not($0) })
        }
    }
}

extension Filter {
    /// Returns one filter that means all of them.
    static func conjunction(_ filters: [Filter]) -> Filter { filters.count == 1 ? filters[0] : .all(filters) }

    /// True if every record passes it.
    var isAlwaysTrue: Bool {
        if case .all(let filters) = self { return filters.isEmpty }
        return false
    }
}
