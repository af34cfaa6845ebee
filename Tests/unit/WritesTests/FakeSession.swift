import Concurrency
import PostgresFixtures
import Testing
import Text

@testable import Postgres
@testable import Writes

/// A session without a server: it notes what is sent, and answers with rows that the test gave.
final class FakeSession: WriteSession {
    /// What one round trip sent: the statements, with `BEGIN` and `COMMIT` where they rode along.
    private(set) var sent: [[String]] = []
    /// The values of each round trip.
    private(set) var values: [[String?]] = []
    private var answers: [[Rows]]
    private(set) var isInTransaction = false
    private(set) var isInAbortedTransaction = false
    let isUseless = false
    private(set) var rollbacks = 0

    /// The rows that one statement gives, as text.
    struct Rows {
        var columns: [(name: String, type: ColumnType)] = []
        var rows: [[String?]] = []
    }

    /// - Parameter answers: for each round trip, the rows of its statements. One that is missing fails.
    init(_ answers: [[Rows]]) { self.answers = answers }

    func execute(
        writing list: [Statement], _ ends: TransactionEnds, isolation: Connection.Isolation?, _ parameters: borrowing ParameterList,
        until deadline: Deadline
    ) throws(Failure) -> ResultSet {
        let texts = list.map { String(cString: $0.text) }
        sent.append((ends.contains(.begins) ? ["BEGIN"] : []) + texts + (ends.contains(.commits) ? ["COMMIT"] : []))
        var texts2: [String?] = []
        for slot in 0..<parameters.count { texts2.append(parameters.text(slot).map { String(decoding: $0, as: UTF8.self) }) }
        values.append(texts2)
        isInTransaction = !ends.contains(.commits) && (isInTransaction || ends.contains(.begins))
        guard !answers.isEmpty else {
            isInTransaction = false
            throw Failure(.constraint, code: "P2002", "Unique constraint failed.")
        }
        let rows = answers.removeFirst()
        #expect(rows.count == list.count, "the test has an answer to each statement: \(texts)")
        return ResultSet(rows.compactMap { $0.reply() })
    }

    func takeStaleStatements() -> Bool { false }

    func rollBack(until deadline: Deadline) {
        rollbacks += 1
        isInTransaction = false
    }
}

extension FakeSession.Rows {
    /// As a server gives them that is asked for binary format.
    fileprivate func reply() -> ResultHandle? {
        ResultHandle.synthetic(
            columns: columns.map { ResultHandle.SyntheticColumn(name: $0.name, type: $0.type.rawValue, isBinary: true) },
            rows: rows.map { row in zip(columns, row).map { column, text in text.map { Self.bytes($0, column.type) } } })
    }

    private static func bytes(_ text: String, _ type: ColumnType) -> [UInt8] {
        guard type == .int4, let number = Int32(text) else { return Array(text.utf8) }
        return withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
