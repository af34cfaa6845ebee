import Concurrency
import Text

/// Writes one answer.
///
/// The recursion is over the levels of relations alone, which the program limits.
struct RowEncoder: ~Copyable {
    private let program: RowProgram
    private let operations: UnsafeMutablePointer<RowProgram.Operation>
    private let literals: UnsafeMutablePointer<UInt8>
    private let replies: Replies
    private var indexes: RowIndexes
    /// The most bytes that may be written. `discarded` counts what was written beyond it and thrown away.
    private let limit: Int
    private var discarded = 0
    private let deadline: Deadline
    /// Records that may be written before the clock is looked at.
    private var recordsToLook = PostgresLimit.recordsPerLook

    init(_ program: RowProgram, _ replies: Replies, limit: Int, until deadline: Deadline = .never) {
        self.deadline = deadline
        self.program = program
        self.replies = replies
        self.limit = limit
        operations = program.operations
        literals = program.literals
        indexes = RowIndexes(program, replies)
    }

    mutating func encode(into buffer: inout ByteBuffer) throws(Failure) {
        switch program.root {
        case .list(let record, let reply, let isReversed):
            let source = replies[reply]
            let count = source.rowCount
            buffer.append(UInt8(ascii: "["))
            for step in 0..<count {
                if step > 0 { buffer.append(UInt8(ascii: ",")) }
                let row = Int32(truncatingIfNeeded: isReversed ? count &- 1 &- step : step)
                try writeRecord(record, row, of: source, into: &buffer)
            }
            buffer.append(UInt8(ascii: "]"))
        case .first(let record, let reply, let isRequired):
            if replies[reply].rowCount > 0 {
                try writeRecord(record, 0, of: replies[reply], into: &buffer)
            } else if isRequired {
                throw Failure(
                    .notFound, code: "P2025",
                    "An operation failed because it depends on one or more records that were required but not found. "
                        + "No record was found for a query.")
            } else {
                buffer.append("null")
            }
        }
        let size = discarded &+ buffer.count
        if size > limit { throw RowEncoder.tooLarge(size, limit) }
    }

    static func tooLarge(_ size: Int, _ limit: Int) -> Failure {
        Failure(
            .tooLarge, code: "P6009",
            "The response has \(size) bytes, which is over the limit of \(limit) bytes. "
                + "Read fewer rows or columns, or raise `limits.responseBytes`.",
            meta: [("size", .number(size)), ("limit", .number(limit))])
    }

    /// Writes one record from one row.
    private mutating func writeRecord(
        _ record: Int, _ row: Int32, of reply: ResultHandle, into buffer: inout ByteBuffer
    ) throws(Failure) {
        recordsToLook &-= 1
        if recordsToLook == 0 { try look() }
        var next = operations + record
        while true {
            let operation = next.pointee
            next += 1
            buffer.append(stepwise: literals + Int(operation.literalStart), count: Int(operation.literalCount))
            switch operation.action {
            case .cell:
                guard let cell = reply.cell(row, operation.column) else {
                    if operation.isList { buffer.append("[]") } else { buffer.append("null") }
                    continue
                }
                if cell.count > limit, discard(unwritten: cell, operation.decoder, &buffer) { continue }
                if !operation.decoder.write(cell, into: &buffer), !writeOther(operation, cell, into: &buffer) {
                    throw program.unreadable(operation, reply)
                }
                if buffer.count > limit { discard(&buffer) }
            case .presence:
                if reply.cell(row, operation.column) == nil {
                    buffer.append("null")
                    next = operations + Int(operation.target)
                }
            case .rows:
                try writeRelation(Int(operation.target), row, of: reply, into: &buffer)
            case .literal: break
            case .end: return
            }
        }
    }

    private mutating func writeRelation(
        _ number: Int, _ row: Int32, of reply: ResultHandle, into buffer: inout ByteBuffer
    ) throws(Failure) {
        let record = program.relations[number].record
        let source = replies[program.relations[number].reply]
        var child = indexes.first(number, equalTo: row, of: reply)
        if program.relations[number].isSingle {
            return child >= 0 ? try writeRecord(record, child, of: source, into: &buffer) : buffer.append("null")
        }
        buffer.append(UInt8(ascii: "["))
        var isFirst = true
        while child >= 0 {
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            try writeRecord(record, child, of: source, into: &buffer)
            child = indexes.next(number, after: child)
        }
        buffer.append(UInt8(ascii: "]"))
    }

    /// Writes arrays, enums and text, which need more than the bytes of the cell.
    private func writeOther(
        _ operation: RowProgram.Operation, _ cell: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
    ) -> Bool {
        switch operation.decoder {
        case .enumeration:
            return RowEncoder.writeLabel(cell, program.enumerations[Int(operation.target)], into: &buffer)
        case .array:
            guard let array = ArrayCell(cell) else { return false }
            let form = program.forms[Int(operation.target)]
            guard let decoder = CellDecoder(form, array.elementType) else { return false }
            return array.write(into: &buffer) { element, buffer in
                if case .enumeration(let labels) = form.kind { return RowEncoder.writeLabel(element, labels, into: &buffer) }
                return decoder.write(element, into: &buffer)
            }
        case .text:
            return TextCell(cell, operation.style).write(ColumnType(rawValue: UInt32(bitPattern: operation.target)), into: &buffer)
        default: return false
        }
    }

    /// Writes the schema's name of an enum label. Returns false if the schema has no such label.
    private static func writeLabel(
        _ label: UnsafeRawBufferPointer, _ labels: EnumLabels, into buffer: inout ByteBuffer
    ) -> Bool {
        for (known, json) in labels.names where known.count == label.count {
            if known.withUnsafeBytes({ $0.elementsEqual(label) }) {
                buffer.append(json)
                return true
            }
        }
        return false
    }

    /// Throws if the time is up.
    @inline(never)
    private mutating func look() throws(Failure) {
        recordsToLook = PostgresLimit.recordsPerLook
        if Deadline.now >= deadline { throw Connection.timeoutFailure }
    }

    /// Counts a cell that is over the limit by itself. Returns false if it has to be written to be counted.
    ///
    /// Why not written: a copy would take the cell's size again, which may exceed the memory. Why a function of its own: rare code
    /// would cost registers in the common path.
    @inline(never)
    private mutating func discard(unwritten cell: UnsafeRawBufferPointer, _ decoder: CellDecoder, _ buffer: inout ByteBuffer) -> Bool {
        guard let size = decoder.leastSize(of: cell) else { return false }
        discard(&buffer)
        discarded &+= size
        return true
    }

    /// Throws away what was written, and counts it. Called once the answer is over the limit.
    @inline(never)
    private mutating func discard(_ buffer: inout ByteBuffer) {
        discarded &+= buffer.count
        buffer.removeAll()
    }
}

/// The row indexes of all relations of an answer.
struct RowIndexes: ~Copyable {
    private let indexes: UnsafeMutablePointer<RowIndex>?
    private let count: Int

    init(_ program: RowProgram, _ replies: Replies) {
        count = program.relationCount
        // Why nothing for none: a plan without relations is the usual one.
        indexes = count > 0 ? .allocate(capacity: count) : nil
        guard let indexes else { return }
        for number in 0..<count {
            let relation = program.relations[number]
            (indexes + number).initialize(
                to: RowIndex(
                    replies[relation.reply], columns: relation.matching, keys: relation.keys, relation.comparison,
                    isReversed: relation.isReversed))
        }
    }

    deinit {
        indexes?.deinitialize(count: count)
        indexes?.deallocate()
    }

    func first(_ number: Int, equalTo row: Int32, of reply: ResultHandle) -> Int32 { indexes?[number].first(equalTo: row, of: reply) ?? -1 }

    func next(_ number: Int, after row: Int32) -> Int32 { indexes?[number].next(after: row) ?? -1 }
}
