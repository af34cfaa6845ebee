import Text

/// An answer's shape laid out flat for the columns that the server gives: one operation for each cell.
///
/// Immutable; made once for a plan and used for every answer to it. The operations of all records stand in one run of memory.
final class RowProgram: @unchecked Sendable {  // Why unchecked: the memory is written in `init` alone.
    enum Action {
        /// Decode the column.
        case cell
        /// When the column is NULL write `null` and go on at `target`.
        case presence
        /// Write the rows of a relation.
        case rows
        /// Nothing but the literal.
        case literal
        /// The record ends.
        case end
    }

    struct Operation {
        var action: Action
        var decoder = CellDecoder.null
        var isList = false
        /// Of a cell in text format: how moments and types of the database's own are written.
        var style = CellStyle()
        var column: Int32 = 0
        /// What is written before: brackets, commas, names.
        var literalStart: Int32 = 0
        var literalCount: Int32 = 0
        /// `presence`: an operation; `rows`: a relation; `cell`: an enum.
        var target: Int32 = 0
    }

    /// Rows of another result that belong to a record.
    struct Relation {
        var reply: Int
        var keys: [Int32] = []
        var matching: [Int32] = []
        /// Both are integers.
        var comparison = KeyComparison.bytes
        var isReversed: Bool
        /// The first row by itself, or `null`, in the place of a list.
        var isSingle = false
        var record = 0
    }

    enum Root {
        case list(record: Int, reply: Int, isReversed: Bool)
        case first(record: Int, reply: Int, isRequired: Bool)
    }

    let root: Root
    let operations: UnsafeMutablePointer<Operation>
    /// Can be read sixteen bytes beyond each literal's end.
    let literals: UnsafeMutablePointer<UInt8>
    let relations: UnsafeMutablePointer<Relation>
    let relationCount: Int
    let enumerations: [EnumLabels]
    let forms: [ValueForm]
    /// The types and formats of all columns that it was made for.
    private let signature: [UInt32]

    init(_ shape: RowShape, _ replies: [ResultHandle]) throws(Failure) {
        var compiler = RowCompiler(replies)
        root = try compiler.compile(shape.root)
        operations = .allocate(capacity: max(compiler.operations.count, 1))
        operations.initialize(from: compiler.operations, count: compiler.operations.count)
        literals = .allocate(capacity: compiler.literals.count + 16)
        literals.initialize(repeating: 0, count: compiler.literals.count + 16)
        literals.update(from: compiler.literals, count: compiler.literals.count)
        relationCount = compiler.relations.count
        relations = .allocate(capacity: max(relationCount, 1))
        relations.initialize(from: compiler.relations, count: relationCount)
        enumerations = compiler.enumerations
        forms = compiler.forms
        signature = RowProgram.signature(of: replies)
    }

    deinit {
        operations.deallocate()
        literals.deallocate()
        relations.deinitialize(count: relationCount)
        relations.deallocate()
    }

    /// Whether the columns are still those that it was made for: a table can change under a plan.
    func fits(_ replies: [ResultHandle]) -> Bool {
        var position = 0
        for reply in replies {
            let columns = reply.columnCount
            guard position + columns < signature.count, signature[position] == UInt32(columns) else { return false }
            for column in 0..<columns where signature[position + 1 + column] != reply.columnType(column) { return false }
            position += columns + 1
        }
        return position == signature.count
    }

    private static func signature(of replies: [ResultHandle]) -> [UInt32] {
        var signature: [UInt32] = []
        for reply in replies {
            signature.append(UInt32(truncatingIfNeeded: reply.columnCount))
            for column in 0..<reply.columnCount { signature.append(reply.columnType(column)) }
        }
        return signature
    }
}
