package import Schema
package import Text

/// Decodes the text of a read into a `Request` that fits the schema, or throws the one error that says where it does not.
///
/// Members of objects are visited in a fixed order (operators as listed, fields as in the schema), never in the order of the text. So texts
/// of the same meaning give the same request, and a request with several mistakes gives always the same error. Plain values are not read:
/// each becomes a slot, which binding checks.
///
/// It is recursive over `where`, `having`, `orderBy` and selections, to the depth of `QueryLimit.nesting`. The steps are not inlined into
/// one another, because a caller's stack may be small: what a step needs is gone before the next level begins.
package struct RequestDecoder {
    let document: JSONDocument
    let schema: Schema
    /// The ordinal of each node of the walk; -1 for keys and for what lies in a list of scalars.
    private var ordinals: [Int32]
    private(set) var slots: [Slot] = []
    /// The nodes that slots read. What lies in them is no part of the shape.
    private(set) var coveredNodes: [Range<Int>] = []
    /// The ordinals of slots whose values are large. A value below this bound would be a part of the request.
    private(set) var lowerBounds: [RequestShape.LowerBound] = []
    /// The number of objects and lists that enclose the present place.
    private var depth = 0
    /// How many values the request may have.
    var mostSlots = QueryLimit.slots
    /// True if answers have words for the numbers that JSON lacks, so such a number may be stored.
    var hasWordsForNumbers = false
    /// How often an ambiguous text was read a second time.
    var secondTries = 0
    /// The texts of full-text searches, by their slots.
    var searchTexts: [Int: [UInt8]] = [:]

    package init(_ document: JSONDocument, _ schema: Schema, _ walk: borrowing ShapeFingerprint) {
        self.document = document
        self.schema = schema
        ordinals = [Int32](repeating: -1, count: document.nodes.count)
        for ordinal in 0..<walk.count { ordinals[walk.node(ordinal)] = Int32(truncatingIfNeeded: ordinal) }
    }

    /// Decodes the read that `envelope` found.
    package mutating func decode(_ envelope: Envelope) throws(Failure) -> Request {
        guard case .read(let operation) = envelope.operation, let node = envelope.model else {
            throw .validation(at: "operation", "is not a read.")
        }
        let model = try model(named: String(decoding: document.text(of: node), as: UTF8.self))
        let body: Request.Body
        switch operation {
        case .findUnique, .findUniqueOrThrow: body = try decodeUnique(model, envelope.args)
        case .findFirst, .findFirstOrThrow, .findMany: body = try decodeFind(operation, model, envelope.args)
        case .count: body = try decodeCount(model, envelope.args)
        case .aggregate: body = try decodeAggregate(model, envelope.args)
        case .groupBy: body = try decodeGroupBy(model, envelope.args)
        }
        return Request(operation: operation, model: model.index, body: body, slots: slots, isPrecise: envelope.isPrecise == true)
    }

    func model(named name: String) throws(Failure) -> Model {
        if let model = schema.model(named: name) { return model }
        if schema.isNone { throw .validation(.unknownValue, at: "model", "names no model: the client was opened without a schema.", expected: []) }
        let names = schema.models.map(\.name)
        var suggestions = NameSuggestion()
        let suggestion = suggestions.nearest(to: name, in: names)
        let hint = suggestion.map { " Did you mean `\($0)`?" } ?? ""
        throw .validation(.unknownValue, at: "model", "names no model of the schema.\(hint)", expected: names, suggestion: suggestion)
    }

    // MARK: Slots

    /// A place for the value at `value`.
    @inline(never)
    mutating func slot(_ form: Slot.Form, _ type: Slot.ValueType, at value: JSONValue, _ path: String) throws(Failure) -> Int {
        guard slots.count < mostSlots else {
            throw .tooManyValues(at: path, limit: mostSlots)
        }
        coveredNodes.append(value.index..<Int(value.node.next))
        slots.append(Slot(form: form, type: type, ordinal: Int(ordinals[value.index]), path: path))
        return slots.count - 1
    }

    /// Makes a slot for a value that shapes the request, too: another text of the shape has the same value.
    @inline(never)
    mutating func structuralSlot(_ form: Slot.Form, _ type: Slot.ValueType, at value: JSONValue, _ path: String) throws(Failure) -> Int {
        let slot = try slot(form, type, at: value, path)
        makeStructural()
        return slot
    }

    /// Makes the value of the last slot a part of the shape.
    mutating func makeStructural() { coveredNodes.removeLast() }

    /// Makes a slot for a whole number above `limit`. Smaller ones are a part of the request.
    @inline(never)
    mutating func slot(_ form: Slot.Form, _ type: Slot.ValueType, at value: JSONValue, above limit: UInt64, _ path: String) throws(Failure) -> Int {
        lowerBounds.append(RequestShape.LowerBound(ordinal: Int(ordinals[value.index]), limit: limit))
        return try slot(form, type, at: value, path)
    }

    // MARK: Depth

    /// Enters a level; `leave` leaves it. Throws when that is too deep.
    @inline(never)
    mutating func enter(_ path: String) throws(Failure) {
        guard depth < QueryLimit.nesting else { throw .nesting(at: path) }
        depth += 1
    }

    mutating func leave() { depth -= 1 }
}

/// A member of an object, with its place in the order of visiting.
struct Member {
    let rank: Int
    let name: String
    let value: JSONValue
}

extension RequestDecoder {
    /// Returns the members of an object in the order of their ranks. A member without a rank is unknown; of several unknown ones the first
    /// by name is reported. `ignoring` names a member that is left out.
    @inline(never)
    func members(
        of object: JSONValue, at path: String, expected kinds: [String], ignoring: StaticString? = nil, unknown kind: Failure.Fault = .unknownField,
        rank: (String) -> Int?, names: () -> [String]
    ) throws(Failure) -> [Member] {
        guard object.kind == .object else { throw .mismatch(at: path, expected: kinds, found: object) }
        var members: [Member] = []
        var unknown: String?
        members.reserveCapacity(object.count)
        for member in object.members {
            if let ignoring, member.isKey(ignoring) { continue }
            let name = member.name
            if let rank = rank(name) {
                members.append(Member(rank: rank, name: name, value: member.value))
            } else {
                unknown = min(unknown ?? name, name)
            }
        }
        if let unknown { throw .unknown(unknown, in: path, expected: names(), kind: kind) }
        return members.sorted { $0.rank < $1.rank }
    }

    /// Returns the members of an object whose keys are few and fixed, by the position of the key. Nil stands for a key that is not given.
    @inline(never)
    func arguments(
        of object: JSONValue, at path: String, _ names: [String], expected kinds: [String] = ["Object"], ignoring: StaticString? = nil
    ) throws(Failure) -> [JSONValue?] {
        var values = [JSONValue?](repeating: nil, count: names.count)
        let members = try members(
            of: object, at: path, expected: kinds, ignoring: ignoring, unknown: .unknownArgument, rank: { names.firstIndex(ofExactly: $0) }, names: { names })
        for member in members { values[member.rank] = member.value }
        return values
    }

    /// One of a few words, as `"asc"`.
    @inline(never)
    func word(_ value: JSONValue, at path: String, _ words: [String]) throws(Failure) -> Int {
        guard value.kind == .string else { throw .mismatch(at: path, expected: words, found: value) }
        guard let index = words.firstIndex(where: { value.bytes.elementsEqual($0.utf8) }) else {
            throw .validation(.unknownValue, at: path, "has to be \(words.joined(separator: " or ")).", expected: words)
        }
        return index
    }
}
