import Concurrency
import Testing
import Text

@testable import Postgres

/// When submitted reads on another caller's connection are told that their time is up. No thread waits for them.
@Suite struct ExpiryTests {
    private final class Recipient: MultiplexedRead.Recipient {
        let deadline: Deadline
        let cancellationToken = CancellationToken()
        private let told = Lock<[String]>([])

        init(_ deadline: Deadline) { self.deadline = deadline }

        /// How it was ended.
        var codes: [String] { told.withLock { $0 } }

        func take(_ end: consuming MultiplexedRead.End) {
            let code = if case .failure(let failure) = consume end { failure.code } else { "no failure" }
            told.withLock { $0.append(code) }
        }
    }

    private struct EmptyQueue: ReadQueue {
        var isEmpty: Bool { true }
        func take(_ budget: inout BatchBudget) -> [MultiplexedRead] { [] }
        func flush() {}
    }

    private static func moment(_ milliseconds: Int, after start: Deadline) -> Deadline { .after(milliseconds: milliseconds, from: start) }

    @Test func `each is told at its deadline, and of its cancellation within twenty milliseconds`() throws {
        let database = TestDatabase(Pool(try TestServer.shared.get().settings("&connection_limit=1")))
        defer { database.pool.close() }
        let connection = try database.pool.lease(until: .never, cancellation: nil)
        defer { database.pool.release(connection) }
        let start = Deadline.now
        let recipients = [10_000, 10_012, 90_000].map { Recipient(Self.moment($0, after: start)) }
        let statements = StatementBatch([Statement(text: "SELECT 1", slots: [])])
        let own = MultiplexedRead(statements, ParameterList())
        let reads = recipients.map { MultiplexedRead(statements, ParameterList(), Trace(), for: $0) } + [own]
        let batch = MultiplexedBatch(connection, reads, EmptyQueue())
        #expect(batch.nextExpiry == Self.moment(20, after: batch.start))

        func told(at now: Deadline) -> [[String]] {
            batch.expire(now: now)
            batch.wakeReaders()
            return recipients.map(\.codes)
        }
        #expect(told(at: Self.moment(9_990, after: start)) == [[], [], []])
        #expect(batch.nextExpiry == recipients[0].deadline)
        #expect(told(at: recipients[0].deadline) == [["P6004"], [], []])
        #expect(batch.nextExpiry == recipients[1].deadline)
        #expect(told(at: recipients[1].deadline) == [["P6004"], ["P6004"], []])
        #expect(batch.nextExpiry == Self.moment(20, after: recipients[1].deadline))
        recipients[2].cancellationToken.cancel()
        #expect(told(at: batch.nextExpiry) == [["P6004"], ["P6004"], ["P6000"]])
        #expect(batch.nextExpiry == .never, "the driver sees to its own time")
        if case .some = own.takeOutcome() { Issue.record("the driver was told") }
    }

    @Test func `a batch of callers that wait has nothing to look for`() throws {
        let database = TestDatabase(Pool(try TestServer.shared.get().settings("&connection_limit=1")))
        defer { database.pool.close() }
        let connection = try database.pool.lease(until: .never, cancellation: nil)
        defer { database.pool.release(connection) }
        let statements = StatementBatch([Statement(text: "SELECT 1", slots: [])])
        let reads = (0..<3).map { _ in MultiplexedRead(statements, ParameterList()) }
        #expect(MultiplexedBatch(connection, reads).nextExpiry == .never)
    }
}
