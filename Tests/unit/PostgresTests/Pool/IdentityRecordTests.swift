import Telemetry
import Testing

@testable import Postgres

/// What sessions say that they are, and what follows from a contradiction.
@Suite struct IdentityRecordTests {
    private final class Changes: Sendable {
        let count = Counter()
    }

    private static let second: Int64 = 1_000_000_000
    private let app = SessionIdentity(number: 7)
    private let guest = SessionIdentity(number: 8)
    private let record = IdentityRecord()
    private let changes = Changes()

    init() {
        let changes = changes
        record.onChange { changes.count.add() }
    }

    private var changeCount: UInt64 { changes.count.value }

    @Test func `the first session says what holds, and its equals change nothing`() {
        #expect(record.current == nil && !record.isConfirmed)
        #expect(record.tell(app, start: 0, now: 0) == 0)
        #expect(record.tell(app, start: 0, now: 1) == 0)
        #expect(record.current == IdentityRecord.Current(identity: app, generation: 0))
        #expect(record.isConfirmed && changeCount == 0)
    }

    @Test func `a session that says something else begins a generation that it does not belong to itself`() {
        _ = record.tell(app, start: 0, now: 0)
        #expect(record.tell(guest, start: 0, now: 1) == 0)
        #expect(record.current == IdentityRecord.Current(identity: guest, generation: 1))
        #expect(record.tell(guest, start: 1, now: 2) == 1)
        #expect(changeCount == 1)
    }

    @Test func `of two that were begun at once and contradict each other the next one decides`() {
        _ = record.tell(app, start: 0, now: 0)
        _ = record.tell(guest, start: 0, now: 1)
        _ = record.tell(app, start: 0, now: 2)
        #expect(record.current == IdentityRecord.Current(identity: app, generation: 2))
        // The one that was begun after both knows.
        _ = record.tell(guest, start: 2, now: 3)
        #expect(record.current == IdentityRecord.Current(identity: guest, generation: 3))
        #expect(changeCount == 3)
    }

    @Test func `a session that tells nothing is no change, and its answers are not kept`() {
        _ = record.tell(app, start: 0, now: 0)
        #expect(record.tell(.untold, start: 0, now: 1) == IdentityRecord.noGeneration)
        #expect(record.current == IdentityRecord.Current(identity: app, generation: 0))
        #expect(changeCount == 0)
    }

    @Test func `where no session tells anything all are alike`() {
        #expect(record.tell(.untold, start: 0, now: 0) == 0)
        #expect(record.tell(.untold, start: 0, now: 1) == 0)
        #expect(changeCount == 0)
    }

    @Test func `what is assumed holds until a session tells, and never against one`() {
        #expect(record.assume(app) == app)
        #expect(!record.isConfirmed && record.current?.identity == app)
        #expect(record.tell(app, start: 0, now: 0) == 0)
        #expect(record.isConfirmed && changeCount == 0)
        #expect(record.assume(guest) == app)
    }

    @Test func `a session that contradicts what was assumed changes it`() {
        _ = record.assume(app)
        _ = record.tell(guest, start: 0, now: 0)
        #expect(record.current == IdentityRecord.Current(identity: guest, generation: 1))
        #expect(record.isConfirmed && changeCount == 1)
    }

    @Test func `where sessions contradict each other without an end they are kept for a while`() {
        for change in 0..<Int64(PostgresLimit.identityChanges) + 1 {
            #expect(record.replaces(now: change))
            _ = record.tell(change % 2 == 0 ? app : guest, start: record.generation, now: change)
        }
        #expect(record.replaces(now: 100), "so many are possible")
        _ = record.tell(guest, start: record.generation, now: 100)
        _ = record.tell(app, start: record.generation, now: 101)
        #expect(!record.replaces(now: 102))
        #expect(record.replaces(now: 102 + 60 * Self.second))
    }
}
