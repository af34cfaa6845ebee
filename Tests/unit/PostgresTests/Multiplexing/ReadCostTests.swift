import Testing

@testable import Postgres

/// What counts as short.
@Suite struct ReadCostTests {
    private func cost(_ times: [UInt32]) -> ReadCost {
        var cost = ReadCost()
        for time in times { cost.add(microseconds: time) }
        return cost
    }

    @Test func `nothing is short before it has run a few times`() {
        #expect(!cost([]).isShort)
        #expect(!cost([50, 50]).isShort)
        #expect(cost([50, 50, 50]).isShort)
    }

    @Test func `what takes longer than ten milliseconds as a rule is not short`() {
        #expect(!cost(Array(repeating: 15_000, count: 100)).isShort)
        #expect(cost(Array(repeating: 5_000, count: 100)).isShort)
    }

    @Test func `a batch takes as many reads as its number, and its time`() {
        let (quick, medium, long) = (cost([10, 10, 10]), cost([500, 500, 500]), cost(Array(repeating: 9_000, count: 100)))
        func taken(_ costs: [ReadCost], _ most: Int) -> [Bool] {
            var budget = BatchBudget(count: most)
            return costs.map { budget.add($0) }
        }
        #expect(taken(Array(repeating: quick, count: 40), 31).count { $0 } == 31)
        #expect(taken(Array(repeating: medium, count: 60), 63).count { $0 } == 20_000 / Int(medium.microseconds))
        #expect(taken([long, long, long, cost([0, 0, 0])], 31) == [true, true, false, true])
        #expect(taken([quick], 0) == [false])
    }

    @Test(arguments: [0, 1, 10, 31])
    func `whatever waits, a batch holds its time and its number`(most: Int) {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var budget = BatchBudget(count: most)
            var (count, time) = (0, 0)
            for _ in 0..<50 {
                let one = cost(Array(repeating: UInt32.random(in: 0...10_000, using: &random), count: 3))
                guard budget.add(one) else { continue }
                count += 1
                time += Int(one.microseconds)
            }
            #expect(count <= most && time <= 20_000)
        }
    }

    @Test func `one long pause changes nothing, and two do`() {
        #expect(cost([50, 50, 50, 90_000]).isShort)
        #expect(!cost([50, 50, 50, 90_000, 50, 90_000]).isShort)
    }

    @Test(arguments: [(10, false), (60, true)])
    func `where one in so many is slow`(oneIn: Int, isShort: Bool) {
        var cost = ReadCost()
        var shorts = 0
        for run in 1...10_000 {
            cost.add(microseconds: run % oneIn == 0 ? 100_000 : 60)
            if run > 1_000, cost.isShort { shorts += 1 }
        }
        #expect(isShort ? shorts == 9_000 : shorts == 0)
    }

    @Test func `what has become fast again is short again`() {
        var cost = cost(Array(repeating: 100_000, count: 1_000))
        #expect(!cost.isShort)
        for _ in 0..<300 { cost.add(microseconds: 50) }
        #expect(cost.isShort)
    }

    @Test func `the record keeps what the value does`() {
        let record = ReadCostRecord()
        var value = ReadCost()
        for time in [30, 90_000, 7, 2_500, 900_000] as [UInt32] {
            record.add(nanoseconds: Int64(time) * 1_000)
            value.add(microseconds: time)
            #expect(record.cost == value)
        }
        record.add(nanoseconds: .max)
        #expect(record.cost.penalty > value.penalty)
    }

    @Test func `what is given up counts when it was slow by then`() {
        let record = ReadCostRecord()
        for _ in 0..<8 { record.add(nanoseconds: 50_000) }
        let before = record.cost
        record.add(atLeast: 900_000)
        #expect(record.cost == before)
        for _ in 0..<2 { record.add(atLeast: 1_000_000_000) }
        #expect(!record.cost.isShort)
    }
}
