import Schema
import Text

/// A relation that is written.
final class RelationTarget {
    let model: Model
    /// What may be named of the related records.
    let data: DataTarget
    let isList: Bool
    /// What may be done with them.
    let steps: [String]

    init(_ field: Field, _ relation: Relation, _ model: Model, isCreate: Bool) {
        self.model = model
        data = DataTarget(model, parentField: relation.oppositeField)
        isList = field.arity == .list
        steps = RelationTarget.steps(field, relation, isCreate: isCreate)
    }

    private static func steps(_ field: Field, _ relation: Relation, isCreate: Bool) -> [String] {
        var names = ["create", "connectOrCreate", "connect"]
        if field.arity == .list, case .referenced = relation.link { names.append("createMany") }
        if isCreate { return names }
        names += ["upsert", "update"]
        if field.arity != .required { names += ["disconnect", "delete"] }
        if field.arity == .list { names += ["set", "updateMany", "deleteMany"] }
        return names
    }
}

/// What `data` says about a relation: `{create, connect, …}`, steps in the order of the text.
extension RequestDecoder {
    @inline(never)
    mutating func decodeRelationWrite(_ value: JSONValue, _ target: RelationTarget, at path: String) throws(Failure) -> [NestedWrite] {
        try enter(path)
        defer { leave() }
        guard value.kind == .object else { throw .mismatch(at: path, expected: ["Object"], found: value) }
        var steps: [NestedWrite] = []
        for member in value.members { try decodeMember(member, target, at: path, into: &steps) }
        return steps
    }

    @inline(never)
    private mutating func decodeMember(
        _ member: JSONValue.Member, _ target: RelationTarget, at path: String, into steps: inout [NestedWrite]
    ) throws(Failure) {
        if Self.isUndefined(member.value) { return }
        let name = member.name
        guard name.isExactlyOne(of: target.steps) else { throw .unknown(name, in: path, expected: target.steps, kind: .unknownArgument) }
        steps += try decodeStep(name, member.value, target, at: "\(path).\(name)")
    }

    @inline(never)
    private mutating func decodeStep(
        _ name: String, _ value: JSONValue, _ target: RelationTarget, at path: String
    ) throws(Failure) -> [NestedWrite] {
        switch name {
        case "create":
            return try each(value, target, at: path) { (decoder, value, path) throws(Failure) in
                .create(try decoder.decodeCreateData(value, target.data, at: path))
            }
        case "createMany": return [try decodeNestedCreateMany(value, target, at: path)]
        case "connect": return [.connect(try uniqueFilters(value, target, at: path))]
        case "set": return [.set(try uniqueFilters(value, target, at: path))]
        case "connectOrCreate":
            return try each(value, target, at: path) { (decoder, value, path) throws(Failure) in
                let arguments = try decoder.arguments(of: value, at: path, ["where", "create"])
                guard let filter = arguments[0] else { throw .missing(at: "\(path).where", expected: []) }
                guard let create = arguments[1] else { throw .missing(at: "\(path).create", expected: []) }
                return .connectOrCreate(
                    try decoder.decodeUniqueFilter(filter, target.model, at: "\(path).where"),
                    try decoder.decodeCreateData(create, target.data, at: "\(path).create"))
            }
        // Why not nothing for false: Prisma disconnects for either.
        case "disconnect": return [.disconnect(try decodeParting(value, target, at: path) ?? [])]
        case "delete": return try decodeParting(value, target, at: path).map { [.delete($0)] } ?? []
        case "update":
            return try each(value, target, at: path) { (decoder, value, path) throws(Failure) in
                try decoder.decodeNestedUpdate(value, target, at: path)
            }
        case "upsert":
            return try each(value, target, at: path) { (decoder, value, path) throws(Failure) in
                try decoder.decodeNestedUpsert(value, target, at: path)
            }
        case "updateMany":
            return try each(value, target, at: path) { (decoder, value, path) throws(Failure) in
                try decoder.decodeNestedUpdateMany(value, target, at: path)
            }
        default:
            return try each(value, target, at: path) { (decoder, value, path) throws(Failure) in
                .deleteMany(try decoder.decodeFilter(value, target.model, at: path))
            }
        }
    }

    /// One object, or a list of them where the relation leads to many.
    @inline(never)
    private mutating func each(
        _ value: JSONValue, _ target: RelationTarget, at path: String,
        _ decode: (inout RequestDecoder, JSONValue, String) throws(Failure) -> NestedWrite
    ) throws(Failure) -> [NestedWrite] {
        guard value.kind == .array, target.isList else { return [try decode(&self, value, path)] }
        var steps: [NestedWrite] = []
        for (position, element) in value.elements.enumerated() { steps.append(try decode(&self, element, "\(path)[\(position)]")) }
        return steps
    }

    private mutating func uniqueFilters(_ value: JSONValue, _ target: RelationTarget, at path: String) throws(Failure) -> [Filter] {
        guard value.kind == .array, target.isList else { return [try decodeUniqueFilter(value, target.model, at: path)] }
        var filters: [Filter] = []
        for (position, element) in value.elements.enumerated() {
            filters.append(try decodeUniqueFilter(element, target.model, at: "\(path)[\(position)]"))
        }
        return filters
    }

    @inline(never)
    private mutating func decodeNestedCreateMany(_ value: JSONValue, _ target: RelationTarget, at path: String) throws(Failure) -> NestedWrite {
        let arguments = try arguments(of: value, at: path, ["data", "skipDuplicates"])
        guard let data = arguments[0] else { throw .missing(at: "\(path).data", expected: ["\(target.model.name)CreateManyInput[]"]) }
        let rowTarget = DataTarget(target.model, parentField: target.data.parentField, allowsRelations: false)
        let rows = try decodeRows(ofData: data, rowTarget, at: "\(path).data")
        return .createMany(rows, skipsDuplicates: try decodeFlag(arguments[1], at: "\(path).skipDuplicates"))
    }

    /// Decodes `disconnect` and `delete`: records of a to-many relation; `true` or a filter for a to-one relation. Nil for `false`.
    private mutating func decodeParting(_ value: JSONValue, _ target: RelationTarget, at path: String) throws(Failure) -> [Filter]? {
        if target.isList { return try uniqueFilters(value, target, at: path) }
        if let flag = value.bool { return flag ? [] : nil }
        return [try decodeFilter(value, target.model, at: path)]
    }

    /// Decodes `{where, data}`. A to-one relation takes the data alone, too.
    ///
    /// Why tried twice: if the model has a field `data`, the text may mean either. The envelope has priority, as in Prisma.
    @inline(never)
    private mutating func decodeNestedUpdate(_ value: JSONValue, _ target: RelationTarget, at path: String) throws(Failure) -> NestedWrite {
        if target.isList { return try decodeUpdateEnvelope(value, target, at: path) }
        if value["data"] == nil { return .update(nil, try decodeUpdateData(value, target.data, at: path)) }
        guard target.model.queryableField(named: "data") != nil, secondTries < QueryLimit.secondTries else {
            return try decodeUpdateEnvelope(value, target, at: path)
        }
        var attempt = self
        let envelope: Failure
        do throws(Failure) {
            let step = try attempt.decodeUpdateEnvelope(value, target, at: path)
            self = attempt
            return step
        } catch {
            envelope = error
        }
        secondTries = attempt.secondTries + 1
        do throws(Failure) {
            return .update(nil, try decodeUpdateData(value, target.data, at: path))
        } catch {
            // Why the envelope's error: with only `data` and `where`, an envelope was meant.
            throw value.members.allSatisfy { $0.isKey("data") || $0.isKey("where") } ? envelope : error
        }
    }

    @inline(never)
    private mutating func decodeUpdateEnvelope(_ value: JSONValue, _ target: RelationTarget, at path: String) throws(Failure) -> NestedWrite {
        let arguments = try arguments(of: value, at: path, ["where", "data"])
        guard let data = arguments[1] else { throw .missing(at: "\(path).data", expected: ["\(target.model.name)UpdateInput"]) }
        let filter = try decodeTargetFilter(arguments[0], target, at: "\(path).where")
        return .update(filter, try decodeUpdateData(data, target.data, at: "\(path).data"))
    }

    private mutating func decodeTargetFilter(_ value: JSONValue?, _ target: RelationTarget, at path: String) throws(Failure) -> Filter? {
        guard target.isList else {
            guard let value, !Self.isUndefined(value) else { return nil }
            return try decodeFilter(value, target.model, at: path)
        }
        guard let value else { throw .missing(at: path, expected: Self.selectorNames(target.model)) }
        return try decodeUniqueFilter(value, target.model, at: path)
    }

    @inline(never)
    private mutating func decodeNestedUpsert(_ value: JSONValue, _ target: RelationTarget, at path: String) throws(Failure) -> NestedWrite {
        let arguments = try arguments(of: value, at: path, ["where", "create", "update"])
        let filter = try decodeTargetFilter(arguments[0], target, at: "\(path).where")
        guard let create = arguments[1] else { throw .missing(at: "\(path).create", expected: ["\(target.model.name)CreateInput"]) }
        guard let update = arguments[2] else { throw .missing(at: "\(path).update", expected: ["\(target.model.name)UpdateInput"]) }
        return .upsert(
            filter, create: try decodeCreateData(create, target.data, at: "\(path).create"),
            update: try decodeUpdateData(update, target.data, at: "\(path).update"))
    }

    @inline(never)
    private mutating func decodeNestedUpdateMany(_ value: JSONValue, _ target: RelationTarget, at path: String) throws(Failure) -> NestedWrite {
        let arguments = try arguments(of: value, at: path, ["where", "data"])
        guard let filter = arguments[0] else { throw .missing(at: "\(path).where", expected: ["\(target.model.name)ScalarWhereInput"]) }
        guard let data = arguments[1] else { throw .missing(at: "\(path).data", expected: ["\(target.model.name)UpdateManyMutationInput"]) }
        let dataTarget = DataTarget(target.model, parentField: target.data.parentField, allowsRelations: false)
        return .updateMany(
            try decodeFilter(filter, target.model, at: "\(path).where"), try decodeUpdateData(data, dataTarget, at: "\(path).data"))
    }
}
