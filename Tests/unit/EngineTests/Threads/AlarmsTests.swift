import Testing

@testable import Engine

/// Which request has to be looked at when.
@Suite struct AlarmsTests {
    @Test func `they come in the order of their times, and none before it is due`() {
        var random = SystemRandomNumberGenerator()
        var alarms = Alarms()
        var times: [UInt64] = []
        for number in 0..<1000 {
            let time = UInt64.random(in: 0..<500, using: &random)
            #expect(alarms.add(UInt64(number), at: time) == (time < times.min() ?? .max))
            times.append(time)
        }
        #expect(alarms.soonest == times.min())
        var last: UInt64 = 0
        for now in 0..<UInt64(500) {
            while let number = alarms.takeDue(now) {
                #expect(times[Int(number)] == now && now >= last)
                last = now
                times[Int(number)] = .max
            }
        }
        #expect(times.allSatisfy { $0 == .max })
        #expect(alarms.soonest == .max && alarms.takeDue(.max) == nil)
    }

    @Test func `requests that are done do not fill them`() {
        var alarms = Alarms()
        var most = 0
        for number in 0..<UInt64(100_000) {
            // Ten are not done at any time.
            alarms.compact(10) { $0 + 10 >= number }
            _ = alarms.add(number, at: 1_000_000 - number)
            most = max(most, alarms.count)
        }
        #expect(most <= 2 * 10 + 64 + 1)
        #expect(alarms.soonest == 1_000_000 - 99_999)
        #expect(alarms.takeDue(.max) == 99_999)
    }
}
