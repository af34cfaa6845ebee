import Testing

@testable import Engine

@Suite("Clock") struct ClockTests {
    @Test func `a manual clock moves only when it is moved`() {
        let clock = Clock(isManual: true)
        #expect(clock.now == Clock.origin)
        #expect(clock.lastModified == 946_684_800_000)
        let hasMoved = clock.advance(milliseconds: 1500)
        #expect(hasMoved)
        #expect(clock.now == Clock.origin + 1_500_000_000)
        #expect(clock.lastModified == 946_684_801_500)
    }

    @Test func `a manual clock stops at its end`() {
        let clock = Clock(isManual: true)
        for _ in 0..<3 {
            let hasMoved = clock.advance(milliseconds: .max)
            #expect(hasMoved)
        }
        #expect(clock.now == UInt64.max / 2)
    }

    @Test func `the system's clock cannot be moved`() {
        let clock = Clock(isManual: false)
        let before = clock.now
        let hasMoved = clock.advance(milliseconds: 1_000_000)
        #expect(!hasMoved)
        #expect(clock.now >= before && clock.now < before + 1_000_000_000_000)
    }
}
