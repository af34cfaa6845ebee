/// The tier's clock, from the last reading. A pure value.
///
/// Between two readings the process's own monotonic clock counts, so wall clocks of machines are not involved. A reading that is behind comes
/// with another epoch, in which nothing that was stored earlier is found.
package struct TierClock: Sendable {
    private var reading: Int64 = 0
    /// When the reading was requested, and when it arrived.
    private var asked: UInt64 = 0
    private var came: UInt64 = 0

    package init() {}

    package mutating func set(_ microseconds: Int64, asked: UInt64, came: UInt64) {
        (reading, self.asked, self.came) = (microseconds, asked, came)
    }

    /// Returns true if there is a recent reading.
    package func isKnown(at now: UInt64) -> Bool { came != 0 && now &- came < TierLimit.clockAge }

    /// Returns a time that is not after the tier's present. An answer stored under it may seem older than it is, by a round trip at most.
    package func earliest(_ now: UInt64) -> Int64 { reading &+ Int64((now > came ? now &- came : 0) / 1000) }

    /// Returns a time that is not before the tier's present.
    package func latest(_ now: UInt64) -> Int64 { reading &+ Int64((now > asked ? now &- asked : 0) / 1000) &+ 1 }
}
