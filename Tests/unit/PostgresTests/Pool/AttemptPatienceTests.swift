import Testing

@testable import Postgres

/// How long an attempt to connect goes on by itself.
@Suite struct AttemptPatienceTests {
    @Test func `it doubles with each that comes to nothing, up to connect_timeout, and those made together count as one`() {
        var patience = AttemptPatience(longestMilliseconds: 5_000)
        #expect(patience.milliseconds == 1_000)
        for _ in 0..<10 { patience.fell(short: 1_000) }
        #expect(patience.milliseconds == 2_000)
        patience.fell(short: 2_000)
        patience.fell(short: 1_000)
        #expect(patience.milliseconds == 4_000)
        patience.fell(short: 4_000)
        #expect(patience.milliseconds == 5_000)
    }

    @Test func `after a success it is twice what that took, and a second at least`() {
        var patience = AttemptPatience(longestMilliseconds: 5_000)
        patience.fell(short: 1_000)
        patience.succeeded(after: 3)
        #expect(patience.milliseconds == 1_000)
        patience.succeeded(after: 1_200)
        #expect(patience.milliseconds == 2_400)
        patience.succeeded(after: 500)
        #expect(patience.milliseconds == 1_000)
    }

    @Test(arguments: [0, 300]) func `without a connect_timeout, or with a short one`(longest: Int) {
        var patience = AttemptPatience(longestMilliseconds: longest)
        for _ in 0..<100 { patience.fell(short: patience.milliseconds) }
        #expect(longest == 0 ? patience.milliseconds >= Int.max / 4 : patience.milliseconds == 1_000)
    }
}
