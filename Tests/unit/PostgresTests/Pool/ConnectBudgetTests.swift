import Testing

@testable import Postgres

/// How long an attempt to connect goes on by itself.
@Suite struct ConnectBudgetTests {
    @Test func `it doubles with each that comes to nothing, up to connect_timeout, and those made together count as one`() {
        var budget = ConnectBudget(longestMilliseconds: 5_000)
        #expect(budget.milliseconds == 1_000)
        for _ in 0..<10 { budget.fellShort(of: 1_000) }
        #expect(budget.milliseconds == 2_000)
        budget.fellShort(of: 2_000)
        budget.fellShort(of: 1_000)
        #expect(budget.milliseconds == 4_000)
        budget.fellShort(of: 4_000)
        #expect(budget.milliseconds == 5_000)
    }

    @Test func `after a success it is twice what that took, and a second at least`() {
        var budget = ConnectBudget(longestMilliseconds: 5_000)
        budget.fellShort(of: 1_000)
        budget.succeeded(after: 3)
        #expect(budget.milliseconds == 1_000)
        budget.succeeded(after: 1_200)
        #expect(budget.milliseconds == 2_400)
        budget.succeeded(after: 500)
        #expect(budget.milliseconds == 1_000)
    }

    @Test(arguments: [0, 300]) func `without a connect_timeout, or with a short one`(longest: Int) {
        var budget = ConnectBudget(longestMilliseconds: longest)
        for _ in 0..<100 { budget.fellShort(of: budget.milliseconds) }
        #expect(longest == 0 ? budget.milliseconds >= Int.max / 4 : budget.milliseconds == 1_000)
    }
}
