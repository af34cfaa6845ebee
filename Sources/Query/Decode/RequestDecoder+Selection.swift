import Schema
import Text

/// `select`, `include` and `omit`: what the records of an answer hold.
extension RequestDecoder {
    private static let toManyArguments = ["where", "orderBy", "cursor", "take", "skip", "distinct", "select", "include", "omit"]
    private static let optionalToOneArguments = ["where", "select", "include", "omit"]
    private static let toOneArguments = ["select", "include", "omit"]

    /// Null counts as not given. Nothing selected means all scalar fields.
    mutating func decodeSelection(
        _ model: Model, select: JSONValue?, include: JSONValue?, omit: JSONValue?, at path: String
    ) throws(Failure) -> Selection {
        let select = select?.isNull == true ? nil : select
        let include = include?.isNull == true ? nil : include
        let omit = omit?.isNull == true ? nil : omit
        if let select {
            if include != nil { throw .validation(.notAllowed, at: "\(path).include", "cannot stand beside `select`: use one of them.") }
            if omit != nil { throw .validation(.notAllowed, at: "\(path).omit", "cannot stand beside `select`: use one of them.") }
            return try decodeSelect(select, model, at: "\(path).select")
        }
        var selection = Selection(scalars: model.scalarIndexes)
        if let omit { selection.scalars = try decodeOmit(omit, model, at: "\(path).omit") }
        if let include { try decodeInclude(include, model, at: "\(path).include", into: &selection) }
        if selection.scalars.isEmpty, selection.relations.isEmpty, selection.counts.isEmpty {
            throw .validation(.empty, at: "\(path).omit", "leaves nothing of \(model.name): at least one field has to stay.")
        }
        return selection
    }

    @inline(never)
    private mutating func decodeSelect(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> Selection {
        try enter(path)
        defer { leave() }
        let names = Self.selectableNames(model)
        let members = try selected(value, names, at: path)
        guard !members.isEmpty else { throw .validation(.empty, at: path, "needs at least one member that is true.", expected: names) }
        var selection = Selection(scalars: [])
        for member in members {
            if let index = model.scalarIndex(named: member.name) {
                try requireTrue(member, at: path)
                selection.scalars.append(index)
            } else {
                try decodeRelated(member, model, at: "\(path).\(member.name)", into: &selection)
            }
        }
        return selection
    }

    @inline(never)
    private func requireTrue(_ member: Member, at path: String) throws(Failure) {
        if member.value.kind == .true { return }
        throw .mismatch(at: "\(path).\(member.name)", expected: ["Boolean"], found: member.value)
    }

    @inline(never)
    private mutating func decodeInclude(
        _ value: JSONValue, _ model: Model, at path: String, into selection: inout Selection
    ) throws(Failure) {
        try enter(path)
        defer { leave() }
        let names = Self.selectableNames(model).filter { model.scalarIndex(named: $0) == nil }
        for member in try selected(value, names, at: path) {
            try decodeRelated(member, model, at: "\(path).\(member.name)", into: &selection)
        }
    }

    /// The members of a `select` or `include` that are not `false`. What is `false` need not exist, as in Prisma Client.
    @inline(never)
    private func selected(_ value: JSONValue, _ names: [String], at path: String) throws(Failure) -> [Member] {
        guard value.kind == .object else { throw .mismatch(at: path, expected: ["Object"], found: value) }
        let falseRank = names.count
        let members = try members(of: value, at: path, expected: ["Object"]) { name in
            // Members that are false are ranked last and dropped below, known or not.
            names.firstIndex(ofExactly: name) ?? (Self.isFalse(value, name) ? falseRank : nil)
        } names: {
            names
        }
        return members.filter { $0.value.kind != .false }
    }

    private static func isFalse(_ object: JSONValue, _ name: String) -> Bool {
        object.members.contains { $0.isKey(name) && $0.value.kind == .false }
    }

    /// The scalar fields that are left.
    @inline(never)
    private func decodeOmit(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> [Int] {
        let names = model.scalarNames
        let members = try members(of: value, at: path, expected: ["Object"], rank: { names.firstIndex(ofExactly: $0) }, names: { names })
        var omitted: Set<ExactString> = []
        for member in members {
            guard let isOmitted = member.value.bool else {
                throw .mismatch(at: "\(path).\(member.name)", expected: ["Boolean"], found: member.value)
            }
            if isOmitted { omitted.insert(ExactString(member.name)) }
        }
        return model.fields.filter { $0.isQueryable && !$0.isRelation && !omitted.contains(ExactString($0.name)) }.map(\.index)
    }

    /// Fields in the order of the schema, `_count` last.
    private static func selectableNames(_ model: Model) -> [String] {
        let fields = model.fields.filter(\.isQueryable)
        let hasCount = fields.contains { $0.isRelation && $0.arity == .list }
        return fields.map(\.name) + (hasCount ? ["_count"] : [])
    }

    /// A relation or `_count` that is read along.
    @inline(never)
    private mutating func decodeRelated(
        _ member: Member, _ model: Model, at path: String, into selection: inout Selection
    ) throws(Failure) {
        guard let index = model.position(ofField: member.name) else {
            return selection.counts = try decodeCounts(member.value, model, at: path)
        }
        if member.value.kind == .true {
            selection.relations.append(wholeRead(index, model))
        } else {
            try enter(path)
            defer { leave() }
            selection.relations.append(try decodeNested(member.value, index, model, at: path))
        }
    }

    /// All related records with all their scalar fields.
    @inline(never)
    private func wholeRead(_ index: Int, _ model: Model) -> NestedRead {
        let related = relatedModel(index, model)
        return NestedRead(field: index, rows: Rows(model: related), selection: Selection(scalars: schema.models[related].scalarIndexes))
    }

    /// The position of the model that a relation field leads to.
    @inline(never)
    private func relatedModel(_ index: Int, _ model: Model) -> Int { model.fields[index].relation?.model ?? model.index }

    @inline(never)
    private mutating func decodeNested(
        _ value: JSONValue, _ index: Int, _ model: Model, at path: String
    ) throws(Failure) -> NestedRead {
        let arity = model.fields[index].arity
        let related = relatedModel(index, model)
        let names = arity == .list ? Self.toManyArguments : arity == .optional ? Self.optionalToOneArguments : Self.toOneArguments
        let arguments = try arguments(of: value, at: path, names, expected: ["Boolean", "Object"])
        let rows = try decodeNestedRows(arguments, arity, schema.models[related], at: path)
        let last = arguments.count - 1
        let selection = try decodeSelection(
            schema.models[related], select: arguments[last - 2], include: arguments[last - 1], omit: arguments[last], at: path)
        return NestedRead(field: index, rows: rows, selection: selection)
    }

    @inline(never)
    private mutating func decodeNestedRows(
        _ arguments: [JSONValue?], _ arity: Arity, _ related: Model, at path: String
    ) throws(Failure) -> Rows {
        var rows = Rows(model: related.index)
        if arity == .list {
            rows = try decodeRows(related, Array(arguments[..<5]), at: path)
            if let distinct = arguments[5] { try decodeDistinct(distinct, related, at: "\(path).distinct", into: &rows) }
        } else if arity == .optional, let filter = arguments[0] {
            rows.filter = try decodeFilter(filter, related, at: "\(path).where")
        }
        return rows
    }

    /// `_count`: true for all to-many relations, or `{"select": {"posts": {"where": …}}}`.
    @inline(never)
    private mutating func decodeCounts(_ value: JSONValue, _ model: Model, at path: String) throws(Failure) -> [RelationCount] {
        let relations = model.fields.filter { $0.isQueryable && $0.isRelation && $0.arity == .list }
        let everything = relations.map { RelationCount(field: $0.index, filter: .all([])) }
        if value.kind == .true { return everything }
        guard let select = try arguments(of: value, at: path, ["select"], expected: ["Boolean", "Object"])[0], !select.isNull else {
            return everything
        }
        let names = relations.map(\.name)
        let members = try selected(select, names, at: "\(path).select")
        guard !members.isEmpty else {
            throw .validation(.empty, at: "\(path).select", "needs at least one member that is true.", expected: names)
        }
        var counts: [RelationCount] = []
        for member in members {
            let filter = try decodeCountFilter(member.value, relations[member.rank], at: "\(path).select.\(member.name)")
            counts.append(RelationCount(field: relations[member.rank].index, filter: filter))
        }
        return counts
    }

    @inline(never)
    private mutating func decodeCountFilter(_ value: JSONValue, _ field: Field, at path: String) throws(Failure) -> Filter {
        guard value.kind != .true, let relation = field.relation else { return .all([]) }
        let arguments = try arguments(of: value, at: path, ["where"], expected: ["Boolean", "Object"])
        guard let filter = arguments[0] else { return .all([]) }
        return try decodeFilter(filter, schema.models[relation.model], at: "\(path).where")
    }
}
