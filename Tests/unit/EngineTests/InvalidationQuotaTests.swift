import Testing
import Text

@testable import Engine

@Suite("Invalidation quota") struct InvalidationQuotaTests {
    private let hour: UInt64 = 3_600_000_000_000

    private func limits(tags: Int?, all: Int?) -> Limits {
        var limits = Limits()
        limits.invalidatedTagsPerDay = tags
        limits.invalidateAllPerHour = all
        return limits
    }

    @Test func `without a limit everything is allowed`() throws {
        let quota = InvalidationQuota(limits(tags: nil, all: nil))
        for _ in 0..<1000 {
            try quota.takeTags(5, now: 0)
            try quota.takeAll(now: 0)
        }
    }

    @Test func `tags are counted by the day`() throws {
        let quota = InvalidationQuota(limits(tags: 7, all: nil))
        try quota.takeTags(5, now: hour)
        #expect(throws: Failure.self) { try quota.takeTags(3, now: hour) }
        try quota.takeTags(2, now: hour)
        #expect(throws: Failure.self) { try quota.takeTags(1, now: 25 * hour - 1) }
        try quota.takeTags(5, now: 25 * hour)
    }

    @Test func `calls of invalidateAll are counted by the hour`() throws {
        let quota = InvalidationQuota(limits(tags: nil, all: 1))
        try quota.takeAll(now: 0)
        do {
            try quota.takeAll(now: hour - 1)
            Issue.record("was allowed")
        } catch {
            #expect(error.code == "P6003" && error.status == .overloaded)
        }
        try quota.takeAll(now: hour)
    }

    @Test func `a limit of zero forbids`() {
        let quota = InvalidationQuota(limits(tags: 0, all: 0))
        #expect(throws: Failure.self) { try quota.takeTags(1, now: 0) }
        #expect(throws: Failure.self) { try quota.takeAll(now: 0) }
    }
}
