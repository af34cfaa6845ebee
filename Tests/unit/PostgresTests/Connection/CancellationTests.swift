import Concurrency
import Foundation
import Synchronization
import Testing
import Text

@testable import Postgres

/// A request that is stopped while it waits, and its neighbours, who notice nothing.
@Suite struct CancellationTests {
    let server: TestServer

    init() throws { server = try TestServer.shared.get() }

    private func database(_ parameters: String) throws -> TestDatabase { TestDatabase(Pool(try server.settings(parameters))) }

    private func failure(_ body: () throws -> Void) -> Failure? {
        do {
            try body()
            return nil
        } catch {
            return error as? Failure
        }
    }

    /// Runs `body` on another thread with a token of its own, cancels that once `isDue`, and gives what came of it.
    private func cancelled(when isDue: () throws -> Bool, _ body: @escaping @Sendable (CancellationToken) throws -> Void) throws -> Failure? {
        let cancellation = CancellationToken()
        let outcome = Lock<(isOver: Bool, failure: Failure?)>((false, nil))
        Foundation.Thread.detachNewThread {
            let problem = failure { try body(cancellation) }
            outcome.withLock { $0 = (true, problem) }
        }
        try eventually("what is to be stopped begins", isDue)
        cancellation.cancel()
        try eventually("a stop ends a wait") { outcome.withLock { $0.isOver } }
        return outcome.withLock { $0.failure }
    }

    private func active(_ name: String, _ database: TestDatabase) throws -> Int {
        let sql = "SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE application_name = '\(name)' AND state = 'active'"
        return Int(try database.raw(sql).filter(\.isNumber)) ?? -1
    }

    @Test func `a statement that runs is ended, on the server too, and its connection is used by nobody else`() throws {
        let database = try database("&connection_limit=1&application_name=stopped")
        let other = try self.database("")
        defer {
            database.pool.close()
            other.pool.close()
        }
        let before = try database.raw("SELECT pg_backend_pid() AS p")
        let problem = try cancelled(when: { try active("stopped", other) == 1 }) { _ = try database.cancelled(by: $0).raw("SELECT pg_sleep(60)") }
        #expect(problem?.status == .cancelled)
        #expect(problem?.message.contains("Nothing was written.") == true)
        #expect(try database.raw("SELECT pg_backend_pid() AS p") != before)
        try eventually("the server ends it") { try active("stopped", other) == 0 }
    }

    @Test func `one who waits for a connection leaves the queue, and the others keep their places`() throws {
        let database = try database("&connection_limit=1")
        defer { database.pool.close() }
        let connection = try database.pool.lease(until: .never, cancellation: nil)
        let problem = try cancelled(when: { database.pool.usage.waiting == 1 }) { _ = try database.cancelled(by: $0).raw("SELECT 1") }
        #expect(problem?.status == .cancelled)
        #expect(database.pool.usage.waiting == 0)
        database.pool.release(connection)
        #expect(try database.raw("SELECT 1 AS a") == #"[{"a":1}]"#)
    }

    @Test func `a stop that was raised before is noticed at the first wait, and one that comes late hits nobody`() throws {
        let database = try database("&connection_limit=1")
        defer { database.pool.close() }
        let early = CancellationToken()
        early.cancel()
        #expect(failure { _ = try database.cancelled(by: early).raw("SELECT pg_sleep(60)") }?.status == .cancelled)
        let late = CancellationToken()
        let before = try database.cancelled(by: late).raw("SELECT pg_backend_pid() AS p")
        late.cancel()
        #expect(try database.raw("SELECT pg_backend_pid() AS p") == before)
    }

    @Test func `stops at any moment of many requests end these and no others`() throws {
        let database = try database("&connection_limit=3")
        defer { database.pool.close() }
        let wrong = Atomic<Int>(0)
        let cancelled = Atomic<Int>(0)
        let running = Atomic<Int>(6)
        let cancellations = Lock<[CancellationToken?]>([nil, nil, nil])
        for number in 0..<6 {
            Foundation.Thread.detachNewThread {
                for round in 0..<60 {
                    let nonce = "\(number)-\(round)"
                    // Three of the threads can be stopped, the others share their connections.
                    let cancellation = number < 3 ? CancellationToken() : nil
                    if number < 3 { cancellations.withLock { $0[number] = cancellation } }
                    let problem = failure {
                        let answer = try database.cancelled(by: cancellation).list(
                            "SELECT $1::text FROM pg_sleep(0.002)", [ValueForm(.string)], values: [nonce])
                        if answer != #"[{"0":"\#(nonce)"}]"# { wrong.add(1, ordering: .relaxed) }
                    }
                    if problem?.status == .cancelled, number < 3 {
                        cancelled.add(1, ordering: .relaxed)
                    } else if problem != nil {
                        wrong.add(1, ordering: .relaxed)
                    }
                }
                running.subtract(1, ordering: .sequentiallyConsistent)
            }
        }
        var place = 0
        try eventually("all requests end", seconds: 120) {
            usleep(UInt32(500 + 700 * (place % 5)))
            cancellations.withLock { $0[place % 3] }?.cancel()
            place += 1
            return running.load(ordering: .sequentiallyConsistent) == 0
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(cancelled.load(ordering: .relaxed) > 0)
    }
}
