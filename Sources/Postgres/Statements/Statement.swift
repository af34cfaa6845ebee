import CLinux
import Synchronization

/// SQL text that is sent again and again, and which of a request's slots its parameters take. Immutable.
///
/// The number is its name for all connections of the process: each keeps its own prepared form of it.
package final class Statement: @unchecked Sendable {  // Why unchecked: the C string is written in `init` alone.
    let number: UInt64
    let slots: [Int]
    let text: UnsafePointer<CChar>
    /// The text with what is put before it where it is prepared; nil where nothing is.
    private let checkedText: UnsafePointer<CChar>?
    private let checkCount: Int
    private let isCheckDropped = Atomic<Bool>(false)
    /// It begins or ends a transaction, and names nothing that can change.
    let isControl: Bool

    /// What a text becomes where it is prepared, so that it fails when its parameters no longer have the types that they should have.
    package struct Check {
        package var text: String
        /// How many parameters follow the statement's own. They are NULL.
        package var count: Int

        package init(text: String, count: Int) {
            self.text = text
            self.count = count
        }
    }

    /// Where the text is another's: that one keeps it.
    private let owner: Statement?

    private static let lastNumber = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - text: parameters are `$1`, `$2`, … Holds no NUL; what would follow one is not sent.
    ///   - slots: the slot of each parameter, in their order.
    ///   - check: what is prepared in its place.
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

    /// The same text, under the same number, with its values from elsewhere.
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

    /// From now on it is prepared as it is.
    func dropCheck() { origin.isCheckDropped.store(true, ordering: .relaxed) }

    /// What is prepared, and how many parameters that has beyond the slots.
    var preparedForm: (text: UnsafePointer<CChar>, checkCount: Int) {
        guard let checkedText, isChecked else { return (text, 0) }
        return (checkedText, checkCount)
    }

    /// Values that a prepared form of it may take.
    var valueCount: Int { slots.count + checkCount }
}

/// The statements of one request that only read: one alone, or several that see one snapshot.
package struct StatementBatch: Sendable {
    package let statements: [Statement]
    /// What is sent: the same, and around several a read-only transaction.
    let sent: [Statement]
    /// What it has cost so far.
    let cost = ReadCostRecord()

    package init(_ statements: [Statement]) {
        self.statements = statements
        sent = statements.count > 1 ? [Self.begin] + statements + [Self.commit] : statements
    }

    var isTransaction: Bool { statements.count > 1 }

    private static let begin = Statement(text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", slots: [], isControl: true)
    private static let commit = Statement(text: "COMMIT", slots: [], isControl: true)
}
