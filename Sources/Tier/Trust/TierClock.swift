/// The tier's clock, as this process knows it from the last reading. A value.
///
/// Between two readings the process's own monotonic clock counts, so wall clocks of machines take no part. A reading that is behind what was
/// known comes with another epoch, and nothing that was stored before is found in that one.
package struct TierClock: Sendable {
    /// How old a reading may be that is relied on, in nanoseconds.
    package static let longestAge: UInt64 = 3_000_000_000

    private var reading: Int64 = 0
    /// When it was asked for, and when it had come.
    private var asked: UInt64 = 0
    private var came: UInt64 = 0

    package init() {}

    package mutating func set(_ microseconds: Int64, asked: UInt64, came: UInt64) {
        (reading, self.asked, self.came) = (microseconds, asked, came)
    }

    /// Whether there is a reading, and a recent one.
    package func isKnown(at now: UInt64) -> Bool { came != 0 && now &- came < TierClock.longestAge }

    /// Not after the tier's present moment: what is stored under it is taken for older than it is, by a round trip at most.
    package func earliest(_ now: UInt64) -> Int64 { reading &+ Int64((now > came ? now &- came : 0) / 1000) }

    /// Not before the tier's present moment.
    package func latest(_ now: UInt64) -> Int64 { reading &+ Int64((now > asked ? now &- asked : 0) / 1000) &+ 1 }
}
