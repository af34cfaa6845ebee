import CLinux
import Synchronization

/// SQL text that is sent repeatedly, and the request's slots that its parameters take. Immutable; any thread may use it.
///
/// Its number identifies it on all connections of the process. Each connection keeps its own prepared form.
package final class Statement: @unchecked Sendable {  // Why unchecked: the C string is written in `init` alone.
    let number: UInt64
    let slots: [Int]
    let text: UnsafePointer<CChar>
    /// The text with its type check, which is prepared instead of `text`. Nil if there is no check.
    private let checkedText: UnsafePointer<CChar>?
    private let checkCount: Int
    private let isCheckDropped = Atomic<Bool>(false)
    /// True if it begins or ends a transaction and names nothing that can change.
    let isControl: Bool

    /// The text that is prepared instead, which fails if the parameters no longer have their expected types.
    package struct Check {
        package var text: String
        /// Number of parameters after the statement's own. They are NULL.
        package var count: Int

        package init(text: String, count: Int) {
            self.text = text
            self.count = count
        }
    }

    /// The statement that owns the text; nil if this one does.
    private let owner: Statement?

    private static let lastNumber = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - text: SQL with the parameters `$1`, `$2`, … A NUL would cut it off.
    ///   - slots: the slot of each parameter, in order.
    ///   - check: the text that is prepared instead.
    package init(text: String, slots: [Int], check: Check? = nil, isControl: Bool = false) {
        number = Statement.lastNumber.add(1, ordering: .relaxed).newValue
        self.slots = slots
        self.isControl = isControl
        owner = nil
        guard let copy = strdup(text) else { preconditionFailure("out of memory") }
        self.text = UnsafePointer(copy)
        checkCount = check?.count ?? 0
        guard let check else {
            checkedText = nil
            return
        }
        guard let checked = strdup(check.text) else { preconditionFailure("out of memory") }
        checkedText = UnsafePointer(checked)
    }

    private init(_ owner: Statement, slots: [Int]) {
        number = owner.number
        text = owner.text
        isControl = owner.isControl
        checkedText = owner.checkedText
        checkCount = owner.checkCount
        self.slots = slots
        self.owner = owner
    }

    /// Returns the same text under the same number, with values from other slots.
    package func taking(_ slots: [Int]) -> Statement { slots == self.slots ? self : Statement(self, slots: slots) }

    deinit {
        guard owner == nil else { return }
        free(UnsafeMutablePointer(mutating: text))
        free(UnsafeMutablePointer(mutating: checkedText))
    }
}

extension Statement {
    private var origin: Statement { owner ?? self }

    var isChecked: Bool { checkedText != nil && !origin.isCheckDropped.load(ordering: .relaxed) }

    /// From now on the plain text is prepared.
    func dropCheck() { origin.isCheckDropped.store(true, ordering: .relaxed) }

    /// The text that is prepared, and its number of parameters beyond the slots.
    var preparedForm: (text: UnsafePointer<CChar>, checkCount: Int) {
        guard let checkedText, isChecked else { return (text, 0) }
        return (checkedText, checkCount)
    }

    /// The most values that a prepared form takes.
    var valueCount: Int { slots.count + checkCount }
}

/// The statements of a read: a single one, or several that see one snapshot.
package struct StatementBatch: Sendable {
    package let statements: [Statement]
    /// What is sent: the statements, and for several a read-only transaction around them.
    let sent: [Statement]
    /// The cost of the read so far.
    let cost = ReadCostRecord()

    package init(_ statements: [Statement]) {
        self.statements = statements
        sent = statements.count > 1 ? [Self.begin] + statements + [Self.commit] : statements
    }

    var isTransaction: Bool { statements.count > 1 }

    private static let begin = Statement(text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", slots: [], isControl: true)
    private static let commit = Statement(text: "COMMIT", slots: [], isControl: true)
}
