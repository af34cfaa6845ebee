import Text

/// The shape of an answer, laid out flat for the columns of the server's reply: one operation for each cell.
///
/// Immutable. Made once for a plan and used for every answer to it. The operations of all records are in one array.
final class RowProgram: @unchecked Sendable {  // Why unchecked: the memory is written in `init` alone.
    enum Action {
        /// Decode the column.
        case cell
        /// Write `null` and go to `target` if the column is NULL.
        case presence
        /// Write the rows of a relation.
        case rows
        /// Write only the literal.
        case literal
        /// The end of a record.
        case end
    }

    struct Operation {
        var action: Action
        var decoder = CellDecoder.null
        var isList = false
        /// For a cell in text format: how its values are written.
        var style = CellStyle()
        var column: Int32 = 0
        /// The literal that is written first: brackets, commas, names.
        var literalStart: Int32 = 0
        var literalCount: Int32 = 0
        /// `presence`: an operation. `rows`: a relation. `cell`: an enum.
        var target: Int32 = 0
    }

    /// The rows of another result that belong to a record.
    struct Relation {
        var reply: Int
        var keys: [Int32] = []
        var matching: [Int32] = []
        /// How `keys` and `matching` are compared.
        var comparison = KeyComparison.bytes
        var isReversed: Bool
        /// True if the first row or `null` is written instead of a list.
        var isSingle = false
        var record = 0
    }

    enum Root {
        case list(record: Int, reply: Int, isReversed: Bool)
        case first(record: Int, reply: Int, isRequired: Bool)
    }

    let root: Root
    let operations: UnsafeMutablePointer<Operation>
    /// Padded: sixteen bytes after each literal's end can be read.
    let literals: UnsafeMutablePointer<UInt8>
    let relations: UnsafeMutablePointer<Relation>
    let relationCount: Int
    let enumerations: [EnumLabels]
    let forms: [ValueForm]
    /// The types of all columns that the program was made for.
    private let signature: [UInt32]

    init(_ shape: RowShape, _ replies: Replies) throws(Failure) {
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

    /// True if the columns still are those that the program was made for. A table can change under a plan.
    func fits(_ replies: Replies) -> Bool {
        var position = 0
        for reply in replies {
            let columns = reply.columnCount
            guard position + columns < signature.count, signature[position] == UInt32(columns) else { return false }
            for column in 0..<columns where signature[position + 1 + column] != reply.columnType(column) { return false }
            position += columns + 1
        }
        return position == signature.count
    }

    private static func signature(of replies: Replies) -> [UInt32] {
        var signature: [UInt32] = []
        for reply in replies {
            signature.append(UInt32(truncatingIfNeeded: reply.columnCount))
            for column in 0..<reply.columnCount { signature.append(reply.columnType(column)) }
        }
        return signature
    }
}
