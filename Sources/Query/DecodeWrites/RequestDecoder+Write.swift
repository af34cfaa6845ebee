import Schema
package import Text

/// The arguments of the writes.
extension RequestDecoder {
    private static let selectionArguments = ["select", "include", "omit", "relationLoadStrategy"]

    /// Decodes the write that `envelope` found.
    package mutating func decodeWrite(_ envelope: Envelope) throws(Failure) -> WriteRequest {
        guard case .write(let operation) = envelope.operation, let node = envelope.model else {
            throw .validation(at: "operation", "is not a write.")
        }
        let model = try model(named: String(decoding: document.text(of: node), as: UTF8.self))
        if model.isView { throw .validation(.notAllowed, at: "model", "names a view: it cannot be written.") }
        mostSlots = QueryLimit.writtenSlots
        hasWordsForNumbers = envelope.isPrecise == true
        let body: WriteRequest.Body
        switch operation {
        case .create: body = try decodeCreate(model, envelope.args)
        case .createMany, .createManyAndReturn:
            body = try decodeCreateMany(model, envelope.args, returns: operation == .createManyAndReturn)
        case .update: body = try decodeUpdate(model, envelope.args)
        case .updateMany, .updateManyAndReturn:
            body = try decodeUpdateMany(model, envelope.args, returns: operation == .updateManyAndReturn)
        case .upsert: body = try decodeUpsert(model, envelope.args)
        case .delete: body = try decodeDelete(model, envelope.args)
        case .deleteMany: body = try decodeDeleteMany(model, envelope.args)
        }
        return WriteRequest(operation: operation, model: model.index, body: body, slots: slots, isPrecise: envelope.isPrecise == true)
    }

    private mutating func decodeReturned(_ model: Model, _ arguments: ArraySlice<JSONValue?>) throws(Failure) -> Selection {
        let values = Array(arguments)
        try checkLoadStrategy(values[3])
        return try decodeSelection(model, select: values[0], include: values[1], omit: values[2], at: "args")
    }

    /// The same for many records: fields and to-one relations.
    private mutating func decodeReturnedOfMany(_ model: Model, _ arguments: ArraySlice<JSONValue?>) throws(Failure) -> Selection {
        let selection = try decodeReturned(model, arguments)
        let isSelect = arguments.first.map { $0?.isNull == false } ?? false
        let list = selection.relations.first { model.fields[$0.field].arity == .list }.map { model.fields[$0.field].name }
        guard let name = list ?? (selection.counts.isEmpty ? nil : "_count") else { return selection }
        throw .validation(
            .notAllowed, at: "args.\(isSelect ? "select" : "include").\(name)",
            "cannot be read by a write of many records, which returns only fields and to-one relations.")
    }

    /// Returns the value. Throws if it is missing or `undefined`.
    private func required(_ value: JSONValue?, at path: String, _ expected: [String]) throws(Failure) -> JSONValue {
        guard let value, !Self.isUndefined(value) else { throw .missing(at: path, expected: expected) }
        return value
    }

    private mutating func decodeWhereUnique(_ value: JSONValue?, _ model: Model) throws(Failure) -> Filter {
        let value = try required(value, at: "args.where", Self.selectorNames(model))
        return try decodeUniqueFilter(value, model, at: "args.where")
    }

    /// `{data, select, include, omit, relationLoadStrategy}`
    private mutating func decodeCreate(_ model: Model, _ args: Int?) throws(Failure) -> WriteRequest.Body {
        let arguments = try topArguments(args, ["data"] + Self.selectionArguments)
        var data = WriteData()
        if let value = arguments[0], !Self.isUndefined(value) {
            data = try decodeCreateData(value, DataTarget(model), at: "args.data")
        } else {
            try requireFields(DataTarget(model), given: [], at: "args.data")
        }
        return .create(data, try decodeReturned(model, arguments[1...]))
    }

    /// `{data, skipDuplicates}`, and a selection without to-many relations.
    private mutating func decodeCreateMany(_ model: Model, _ args: Int?, returns: Bool) throws(Failure) -> WriteRequest.Body {
        let arguments = try topArguments(args, ["data", "skipDuplicates"] + (returns ? Self.selectionArguments : []))
        let value = try required(arguments[0], at: "args.data", ["\(model.name)CreateManyInput[]"])
        let rows = try decodeRows(ofData: value, DataTarget(model, allowsRelations: false), at: "args.data")
        let skips = try decodeFlag(arguments[1], at: "args.skipDuplicates")
        return .createMany(rows, skipsDuplicates: skips, returning: returns ? try decodeReturnedOfMany(model, arguments[2...]) : nil)
    }

    /// One object of data, or a list of them.
    mutating func decodeRows(ofData value: JSONValue, _ target: DataTarget, at path: String) throws(Failure) -> [WriteData] {
        guard value.kind == .array else { return [try decodeCreateData(value, target, at: path)] }
        var rows: [WriteData] = []
        rows.reserveCapacity(value.count)
        for (position, element) in value.elements.enumerated() {
            rows.append(try decodeCreateData(element, target, at: "\(path)[\(position)]"))
        }
        return rows
    }

    func decodeFlag(_ value: JSONValue?, at path: String) throws(Failure) -> Bool {
        guard let value, !Self.isUndefined(value) else { return false }
        guard let flag = value.bool else { throw .mismatch(at: path, expected: ["Boolean"], found: value) }
        return flag
    }

    /// `{where, data, select, include, omit}`
    private mutating func decodeUpdate(_ model: Model, _ args: Int?) throws(Failure) -> WriteRequest.Body {
        let arguments = try topArguments(args, ["where", "data"] + Self.selectionArguments)
        let filter = try decodeWhereUnique(arguments[0], model)
        let value = try required(arguments[1], at: "args.data", ["\(model.name)UpdateInput"])
        let data = try decodeUpdateData(value, DataTarget(model), at: "args.data")
        return .update(filter, data, try decodeReturned(model, arguments[2...]))
    }

    /// `{where, data, limit}`, and a selection without to-many relations.
    private mutating func decodeUpdateMany(_ model: Model, _ args: Int?, returns: Bool) throws(Failure) -> WriteRequest.Body {
        let arguments = try topArguments(args, ["where", "data", "limit"] + (returns ? Self.selectionArguments : []))
        let filter = try arguments[0].map { (value) throws(Failure) in try decodeFilter(value, model, at: "args.where") }
        let value = try required(arguments[1], at: "args.data", ["\(model.name)UpdateManyMutationInput"])
        let data = try decodeUpdateData(value, DataTarget(model, allowsRelations: false), at: "args.data")
        let limit = try decodeLimit(arguments[2])
        return .updateMany(
            filter ?? .all([]), data, limit: limit, returning: returns ? try decodeReturnedOfMany(model, arguments[3...]) : nil)
    }

    /// `limit` of the writes of many: a whole number that is not negative.
    private mutating func decodeLimit(_ value: JSONValue?) throws(Failure) -> Int? {
        guard let value, !value.isNull, !Self.isUndefined(value) else { return nil }
        guard value.kind == .number else { throw .mismatch(at: "args.limit", expected: ["Int"], found: value) }
        if value.node.isNegative, value.integer != 0 {
            throw .input(.outOfRange, at: "args.limit", "must not be negative: provided limit must be a positive integer.")
        }
        // Why a part of the shape: all other numbers with that sign are refused.
        if value.node.isNegative { return try structuralSlot(.magnitude, Slot.ValueType(.int), at: value, "args.limit") }
        return try slot(.magnitude, Slot.ValueType(.int), at: value, "args.limit")
    }

    /// `{where, create, update, select, include, omit}`
    private mutating func decodeUpsert(_ model: Model, _ args: Int?) throws(Failure) -> WriteRequest.Body {
        let arguments = try topArguments(args, ["where", "create", "update"] + Self.selectionArguments)
        let filter = try decodeWhereUnique(arguments[0], model)
        let create = try required(arguments[1], at: "args.create", ["\(model.name)CreateInput"])
        let update = try required(arguments[2], at: "args.update", ["\(model.name)UpdateInput"])
        return .upsert(
            filter, create: try decodeCreateData(create, DataTarget(model), at: "args.create"),
            update: try decodeUpdateData(update, DataTarget(model), at: "args.update"),
            try decodeReturned(model, arguments[3...]))
    }

    /// `{where, select, include, omit}`
    private mutating func decodeDelete(_ model: Model, _ args: Int?) throws(Failure) -> WriteRequest.Body {
        let arguments = try topArguments(args, ["where"] + Self.selectionArguments)
        return .delete(try decodeWhereUnique(arguments[0], model), try decodeReturned(model, arguments[1...]))
    }

    /// `{where, limit}`
    private mutating func decodeDeleteMany(_ model: Model, _ args: Int?) throws(Failure) -> WriteRequest.Body {
        let arguments = try topArguments(args, ["where", "limit"])
        let filter = try arguments[0].map { (value) throws(Failure) in try decodeFilter(value, model, at: "args.where") }
        return .deleteMany(filter ?? .all([]), limit: try decodeLimit(arguments[1]))
    }
}
