import CLinux
import Synchronization

/// SQL text that is sent again and again, and which of a request's slots its parameters take. Immutable.
///
/// The number is its name for all connections of the process: each keeps its own prepared form of it.
package final class Statement: @unchecked Sendable {  // Why unchecked: the C string is written in `init` alone.
    let number: UInt64
    let slots: [Int]
    let text: UnsafePointer<CChar>

    /// Where the text is another's: that one keeps it.
    private let owner: Statement?

    private static let lastNumber = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - text: parameters are `$1`, `$2`, … Holds no NUL; what would follow one is not sent.
    ///   - slots: the slot of each parameter, in their order.
    package init(text: String, slots: [Int]) {
        number = Statement.lastNumber.add(1, ordering: .relaxed).newValue
        self.slots = slots
        owner = nil
        guard let copy = strdup(text) else { preconditionFailure("out of memory") }
        self.text = UnsafePointer(copy)
    }

    private init(_ owner: Statement, slots: [Int]) {
        number = owner.number
        text = owner.text
        self.slots = slots
        self.owner = owner
    }

    /// The same text, under the same number, with its values from elsewhere.
    package func taking(_ slots: [Int]) -> Statement { slots == self.slots ? self : Statement(self, slots: slots) }

    deinit { if owner == nil { free(UnsafeMutablePointer(mutating: text)) } }
}

/// The statements of one request that only read: one alone, or several that see one snapshot.
package struct StatementBatch: Sendable {
    package let statements: [Statement]
    /// What is sent: the same, and around several a read-only transaction.
    let sent: [Statement]

    package init(_ statements: [Statement]) {
        self.statements = statements
        sent = statements.count > 1 ? [Self.begin] + statements + [Self.commit] : statements
    }

    var isTransaction: Bool { statements.count > 1 }

    private static let begin = Statement(text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", slots: [])
    private static let commit = Statement(text: "COMMIT", slots: [])
}
