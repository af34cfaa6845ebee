import Concurrency
import Postgres
package import Query
import SQL
import Schema
import Synchronization
package import Text

/// A decoded write, with what the first one of its kind found out: the statement, if one is enough. Any thread.
package final class PreparedWrite: Sendable {
    package let request: WriteRequest
    /// True if it uses what a database can lack, so that it may have to take a detour.
    let mayDetour: Bool
    private let single = Lock<SingleWrite?>(nil)
    private let lossSeen = Atomic<Bool>(false)
    private let detours = Lock<(taken: WriteDetours, areKnown: Bool)>(([], false))

    package init(_ request: WriteRequest) {
        self.request = request
        mayDetour = request.mayDetour
    }

    /// Returns the write as one statement, when that is known, the request has all its values, and no detour is possible.
    /// - Parameter namesRows: it has to tell which rows it changes, where it can.
    package func complete(namesRows: Bool) -> SingleWrite? {
        // Why not with a detour: the statement may be refused at any time, and the executor alone begins it again.
        guard !mayDetour, let single = known(namesRows: namesRows, []), single.made.isEmpty else { return nil }
        return single
    }

    func known(namesRows: Bool, _ detours: WriteDetours) -> SingleWrite? {
        guard let single = single.withLock({ $0 }), single.namesRows == namesRows, single.detours == detours else { return nil }
        return single
    }

    /// The detours that were needed, and whether such a write has succeeded, so that these are all.
    var knownDetours: (taken: WriteDetours, areKnown: Bool) { detours.withLock { $0 } }

    func learn(_ taken: WriteDetours, areKnown: Bool) {
        if areKnown, knownDetours.areKnown, knownDetours.taken == taken { return }
        detours.withLock { $0 = (taken, areKnown) }
        if !areKnown { single.withLock { $0 = nil } }
    }

    /// True if the database has kept out a record of such a write.
    var losesRows: Bool { lossSeen.load(ordering: .relaxed) }

    func learnLosses() { lossSeen.store(true, ordering: .relaxed) }

    func remember(_ write: SingleWrite) { single.withLock { $0 = write } }
}

/// A write that is one statement whatever its values are. Immutable.
package final class SingleWrite: Sendable {
    enum Answer: Sendable {
        /// `{"count": 3}`
        case count
        /// The record; a failure with this cause when there is none.
        case record(orElse: String)
        case list
    }

    let statement: Statement
    let answer: Answer
    /// Nil for a count.
    let writer: RowWriter?
    /// True if its answer is little more than it was given.
    let isInsertion: Bool
    /// The values that the client generates, in the order of their parameters.
    let made: [GeneratedValue]
    /// The tables that it changes, as far as its text shows.
    private let writeSet: WriteSet
    /// Those of these tables of which it changes no other rows than `rowIdentifier` names.
    private let tablesInPart: Set<ExactString>
    /// True if it was made to name the rows that it changes.
    let namesRows: Bool
    /// The detours that it was made for.
    let detours: WriteDetours
    /// How it names the changed rows; nil where it cannot.
    private let rowIdentifier: RowIdentifier?

    init(
        _ statement: Statement, _ answer: Answer, _ writer: RowWriter?, isInsertion: Bool, made: [GeneratedValue], tables: [String],
        tablesInPart: Set<ExactString>, namesRows: Bool, _ detours: WriteDetours, _ rowIdentifier: RowIdentifier?
    ) {
        self.namesRows = namesRows
        self.detours = detours
        self.rowIdentifier = rowIdentifier
        self.statement = statement
        self.answer = answer
        self.writer = writer
        self.isInsertion = isInsertion
        self.made = made
        writeSet = WriteSet(tables: tables)
        self.tablesInPart = tablesInPart
    }

    /// Runs the statement and writes the answer. An answer that may be over its size limit is written before the commit. A single record
    /// that turns out to be too large has been committed, and the failure says so.
    /// - Parameter limit: of the answer, in bytes.
    package func execute(
        in transaction: WriteTransaction, _ parameters: borrowing ParameterList, limit: Int, _ writeSet: inout WriteSet,
        into buffer: inout ByteBuffer
    ) throws(Failure) {
        let isChecked = mayBeTooLarge(parameters, limit)
        writeSet = self.writeSet
        let results = try transaction.runAlone(statement, parameters, commits: !isChecked)
        if let reply = results.replies.first, let rows = rowIdentifier?.rows(reply, parameters) {
            writeSet.tables.subtract(tablesInPart)
            writeSet.tablesInPart = tablesInPart
            writeSet.rows = rows
        }
        if case .record(let cause) = answer, results.replies.first?.rowCount == 0 { throw .requiredRecord(cause) }
        guard let writer else { return WriteExecutor.writeCount(results.replies.first?.affectedRows ?? 0, into: &buffer) }
        do throws(Failure) {
            try writer.write(results, into: &buffer, limit: limit)
        } catch {
            throw isChecked || transaction.isOpen ? error : error.afterCommit
        }
        if isChecked { try transaction.commit() }
    }

    private func mayBeTooLarge(_ parameters: borrowing ParameterList, _ limit: Int) -> Bool {
        switch answer {
        case .count: return false
        case .record where !isInsertion: return false
        case .list where !isInsertion: return true
        default:
            // A byte becomes six at most. The second factor covers names, numbers and what the database adds to a record.
            return parameters.bytes.count * 6 + (parameters.count + 1) * 1024 > limit
        }
    }
}

/// A value that the request did not give and the client generates.
enum GeneratedValue: Sendable {
    case byDefault(Field)
    /// The request's moment, as the field's column takes it.
    case moment(Field)
}
