import Text

/// Compiles a shape into the operations of a program. Checks every column against the server's reply.
struct RowCompiler {
    typealias Operation = RowProgram.Operation

    private let replies: Replies
    private(set) var operations: [Operation] = []
    private(set) var literals: [UInt8] = []
    private(set) var relations: [RowProgram.Relation] = []
    private(set) var enumerations: [EnumLabels] = []
    private(set) var forms: [ValueForm] = []
    /// Literal text before the next operation.
    private var pending: [UInt8] = []
    /// Records of relations that are compiled after their parent record.
    private var open: [(relation: Int, record: RowShape.Record, depth: Int)] = []

    init(_ replies: Replies) { self.replies = replies }

    mutating func compile(_ root: RowShape.Root) throws(Failure) -> RowProgram.Root {
        let result: RowProgram.Root
        switch root {
        case .list(let record, let reply, let isReversed):
            result = .list(record: try compileRecord(record, reply, depth: 0), reply: reply, isReversed: isReversed)
        case .first(let record, let reply):
            result = .first(record: try compileRecord(record, reply, depth: 0), reply: reply, isRequired: false)
        case .required(let record, let reply):
            result = .first(record: try compileRecord(record, reply, depth: 0), reply: reply, isRequired: true)
        case .value(let column, let reply):
            let start = operations.count
            try compileColumn(column, reply, name: nil)
            append(Operation(action: .end))
            result = .first(record: start, reply: reply, isRequired: false)
        }
        while let (relation, record, depth) = open.popLast() {
            relations[relation].record = try compileRecord(record, relations[relation].reply, depth: depth)
        }
        return result
    }

    /// Returns the position of the record's first operation.
    private mutating func compileRecord(
        _ record: RowShape.Record, _ reply: Int, depth: Int
    ) throws(Failure) -> Int {
        let start = operations.count
        try check(reply)
        try compileMembers(record, reply, depth: depth)
        append(Operation(action: .end))
        return start
    }

    private mutating func compileMembers(
        _ record: RowShape.Record, _ reply: Int, depth: Int
    ) throws(Failure) {
        guard depth <= PostgresLimit.recordDepth else {
            throw Failure(
                .invalidRequest, code: "P2009", "The selection is nested more than \(PostgresLimit.recordDepth) levels deep.",
                meta: [("kind", .text(Failure.Fault.overLimit.rawValue))])
        }
        pending.append(record.isTuple ? UInt8(ascii: "[") : UInt8(ascii: "{"))
        var isFirst = true
        for member in record.members {
            if !isFirst { pending.append(UInt8(ascii: ",")) }
            isFirst = false
            if !record.isTuple { pending += member.label }
            switch member.content {
            case .column(let column):
                try compileColumn(column, reply, name: member.label)
            case .group(let inner):
                try compileMembers(inner, reply, depth: depth + 1)
            case .toOne(let inner, let presence):
                let test = operations.count
                append(Operation(action: .presence, column: try check(presence, reply)))
                try compileMembers(inner, reply, depth: depth + 1)
                append(Operation(action: .literal))
                operations[test].target = Int32(truncatingIfNeeded: operations.count)
            case .related(let inner, let result, let keys, let matching):
                try compileRows(RowProgram.Relation(reply: result, isReversed: false, isSingle: true), inner, reply, keys, matching, depth)
            case .toMany(let inner, let result, let keys, let matching, let isReversed, let areOwnColumns):
                let relation = try compileRows(RowProgram.Relation(reply: result, isReversed: isReversed), inner, reply, keys, matching, depth)
                if areOwnColumns, relation.comparison == .bytes { try checkIdentifiers(keys, reply, matching, result) }
            }
        }
        pending.append(record.isTuple ? UInt8(ascii: "]") : UInt8(ascii: "}"))
    }

    /// Compiles the rows of another result that belong to a record. Their own record is compiled later.
    @discardableResult
    private mutating func compileRows(
        _ relation: RowProgram.Relation, _ record: RowShape.Record, _ reply: Int, _ keys: [Int], _ matching: [Int], _ depth: Int
    ) throws(Failure) -> RowProgram.Relation {
        try check(relation.reply)
        append(Operation(action: .rows, target: Int32(truncatingIfNeeded: relations.count)))
        open.append((relations.count, record, depth + 1))
        var relation = relation
        for key in keys { relation.keys.append(try check(key, reply)) }
        for column in matching { relation.matching.append(try check(column, relation.reply)) }
        relation.comparison = comparison(keys, of: reply, matching, of: relation.reply)
        relations.append(relation)
        return relation
    }

    private func comparison(_ keys: [Int], of reply: Int, _ matching: [Int], of other: Int) -> KeyComparison {
        let numerics = zip(keys, matching).enumerated().reduce(UInt64(0)) { bits, pair in
            let areNumeric = isNumeric(pair.element.0, of: reply) && isNumeric(pair.element.1, of: other)
            return areNumeric && pair.offset < UInt64.bitWidth ? bits | 1 << UInt64(pair.offset) : bits
        }
        if numerics != 0 { return .numerics(numerics) }
        let areNumeric = keys.count == 1 && isNumeric(keys[0], of: reply)
        let othersAreNumeric = matching.count == 1 && isNumeric(matching[0], of: other)
        guard areNumeric || areIntegers(keys, of: reply), othersAreNumeric || areIntegers(matching, of: other) else { return .bytes }
        return .integers(keysAreNumeric: areNumeric, columnsAreNumeric: othersAreNumeric)
    }

    private func isNumeric(_ column: Int, of reply: Int) -> Bool {
        replies[reply].isBinary(column) && ColumnType(rawValue: replies[reply].columnType(column)) == .numeric
    }

    private func areIntegers(_ columns: [Int], of reply: Int) -> Bool {
        columns.allSatisfy { replies[reply].isBinary($0) && ColumnType(rawValue: replies[reply].columnType($0)).isInteger }
    }

    /// Checks that columns of two tables that are compared byte by byte are UUIDs, whatever the schema says.
    private func checkIdentifiers(_ keys: [Int], _ reply: Int, _ matching: [Int], _ result: Int) throws(Failure) {
        for (columns, reply) in [(keys, replies[reply]), (matching, replies[result])] {
            for column in columns {
                let type = ColumnType(rawValue: reply.columnType(column))
                if type != .uuid { throw .mismatch(of: reply.columnName(column), type, expected: "a number or uuid, as keys of relations are compared") }
            }
        }
    }

    private mutating func compileColumn(
        _ column: RowShape.Column, _ reply: Int, name: [UInt8]?
    ) throws(Failure) {
        var operation = Operation(action: .cell, column: try check(column.index, reply))
        let type = ColumnType(rawValue: replies[reply].columnType(column.index))
        operation.isList = column.form.isList
        if !replies[reply].isBinary(column.index) {
            // Why text: only the value form of a raw column can be decoded without a binary decoder.
            operation.decoder = .text
            operation.style = CellStyle(column.form)
            operation.target = Int32(bitPattern: type.rawValue)
            switch column.form.kind {
            case .automatic, .typed(nil): break
            case .typed(let elements?), .automaticArray(let elements): operation.target = Int32(bitPattern: elements)
            default:
                // Why: text of a type that the server chose could be something that the plan does not expect.
                throw .mismatch(
                    of: replies[reply].columnName(column.index), type, expected: "\(column.form.kind.word) in binary format",
                    field: RowProgram.name(in: pending))
            }
        } else if column.form.isList {
            operation.decoder = .array
            operation.target = Int32(truncatingIfNeeded: forms.count)
            forms.append(column.form)
        } else {
            guard let decoder = CellDecoder(column.form, type) else {
                throw .mismatch(
                    of: replies[reply].columnName(column.index), type, expected: column.form.kind.word, field: RowProgram.name(in: pending))
            }
            operation.decoder = decoder
            if case .array = decoder {
                operation.target = Int32(truncatingIfNeeded: forms.count)
                forms.append(column.form)
            }
        }
        if case .enumeration(let labels) = column.form.kind {
            if !operation.isList { operation.target = Int32(truncatingIfNeeded: enumerations.count) }
            enumerations.append(labels)
        }
        append(operation)
    }

    /// Checks that the result has the column.
    private func check(_ column: Int, _ reply: Int) throws(Failure) -> Int32 {
        try check(reply)
        guard column >= 0, column < replies[reply].columnCount else {
            throw Failure(.internal, code: "P6000", "A statement gave fewer columns than its plan reads.")
        }
        return Int32(truncatingIfNeeded: column)
    }

    private func check(_ reply: Int) throws(Failure) {
        guard reply >= 0, reply < replies.count else {
            throw Failure(.internal, code: "P6000", "There are fewer results than the plan reads.")
        }
    }

    private mutating func append(_ operation: Operation) {
        var operation = operation
        operation.literalStart = Int32(truncatingIfNeeded: literals.count)
        operation.literalCount = Int32(truncatingIfNeeded: pending.count)
        literals += pending
        pending.removeAll(keepingCapacity: true)
        operations.append(operation)
    }
}
