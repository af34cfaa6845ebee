import Concurrency
import Testing

@testable import Postgres

/// How long the way to the server takes, and what of a read's time is therefore the server's.
@Suite struct RoundTripTests {
    private let millisecond: Int64 = 1_000_000

    @Test func `the way counts for no read's cost`() {
        let record = RoundTripRecord()
        #expect(record.nanoseconds == 0)
        #expect(record.add(nil, within: 12 * millisecond) == 12 * millisecond, "nothing is known yet")
        #expect(record.add(10 * millisecond, within: 11 * millisecond) == millisecond)
        #expect(record.add(nil, within: 40 * millisecond) == 30 * millisecond)
    }

    @Test func `one pause of the machine makes no slow read short`() {
        let record = RoundTripRecord()
        _ = record.add(50 * millisecond, within: 52 * millisecond)
        // A read cannot come back sooner than the way takes.
        #expect(record.add(nil, within: millisecond) == 0)
        #expect(record.add(nil, within: 30 * millisecond) == 29 * millisecond)
        _ = record.add(50 * millisecond, within: 52 * millisecond)
        #expect(record.nanoseconds < 2 * millisecond, "one that seems longer counts little")
    }

    @Test func `a way that has become longer is known after a while`() {
        var roundTrip = RoundTrip()
        roundTrip.add(millisecond)
        for _ in 0..<60 { roundTrip.add(20 * millisecond) }
        #expect(roundTrip.nanoseconds == 20 * millisecond)
        roundTrip.add(5 * millisecond)
        #expect(roundTrip.nanoseconds == 5 * millisecond)
    }

    @Test func `a read on a slow network is short by what the server does`() {
        let record = RoundTripRecord()
        let cost = ReadCostRecord()
        cost.add(nanoseconds: record.add(30 * millisecond, within: 31 * millisecond))
        for _ in 0..<2 { cost.add(nanoseconds: record.add(nil, within: 30 * millisecond + 100_000)) }
        #expect(cost.cost.isShort)
    }

    @Test func `it is measured at first, and then seldom`() {
        var meter = RoundTripMeter()
        let start = Deadline(nanoseconds: 1_000)
        let end = Deadline(nanoseconds: 5_000)
        let near = Deadline.after(milliseconds: PostgresLimit.roundTripMilliseconds - 1, from: start)
        let far = Deadline.after(milliseconds: PostgresLimit.roundTripMilliseconds, from: start)
        let begins = [meter.begin(now: start), meter.begin(now: near)]
        #expect(begins == [true, false])
        meter.end(now: end)
        // The answer to the next statement that is prepared.
        meter.end(now: near)
        let samples = [meter.take(), meter.take()]
        #expect(samples == [4_000, nil])
        let isDue = meter.begin(now: far)
        #expect(isDue)
        // The statement could not be prepared, and a later one can.
        meter.giveUp()
        meter.end(now: .after(milliseconds: 60_000, from: far))
        let sample = meter.take()
        #expect(sample == nil)
    }
}
