import Testing

@testable import Engine

/// Which request has to be looked at when.
@Suite struct DeadlineHeapTests {
    @Test func `they come in the order of their times, and none before it is due`() {
        var random = SystemRandomNumberGenerator()
        var deadlines = DeadlineHeap()
        var times: [UInt64] = []
        for number in 0..<1000 {
            let time = UInt64.random(in: 0..<500, using: &random)
            #expect(deadlines.add(UInt64(number), at: time) == (time < times.min() ?? .max))
            times.append(time)
        }
        #expect(deadlines.soonest == times.min())
        var last: UInt64 = 0
        for now in 0..<UInt64(500) {
            while let number = deadlines.takeDue(now) {
                #expect(times[Int(number)] == now && now >= last)
                last = now
                times[Int(number)] = .max
            }
        }
        #expect(times.allSatisfy { $0 == .max })
        #expect(deadlines.soonest == .max && deadlines.takeDue(.max) == nil)
    }

    @Test func `requests that are done do not fill them`() {
        var deadlines = DeadlineHeap()
        var most = 0
        for number in 0..<UInt64(100_000) {
            // Ten are not done at any time.
            deadlines.compact(10) { $0 + 10 >= number }
            _ = deadlines.add(number, at: 1_000_000 - number)
            most = max(most, deadlines.count)
        }
        #expect(most <= 2 * 10 + 64 + 1)
        #expect(deadlines.soonest == 1_000_000 - 99_999)
        #expect(deadlines.takeDue(.max) == 99_999)
    }
}
