/// When an entry's last use was counted, and how often it was used. Older uses count less.
///
/// It is one word, so a reader can replace it without a lock. A race between two readers loses one of the two uses and nothing else.
///
/// The unit of time is a tick: 1/32 of the insertions that turn the whole cache over. Uses within a tick count once, so a hot entry is read
/// without being written. Ticks wrap after 2 048 turnovers, and counts are exact to 0.05 %. That is enough for a choice among samples.
struct AccessRecord: Equatable {
    typealias Tick = UInt16

    /// `tick (16 bits) | count (16 bits)`. The count is the upper half of a Float that is at least 1.
    let word: UInt32

    static let ticksPerTurnover: Float = 32
    private static let one = Float(1).bitPattern

    @inline(__always)
    init(word: UInt32) { self.word = word }

    init(tick: Tick, count: Float) {
        let bits = (max(count, 1).bitPattern - Self.one + 1 << 11) >> 12
        word = UInt32(tick) << 16 | min(bits, 0xFFFF)
    }

    @inline(__always)
    var tick: Tick { Tick(truncatingIfNeeded: word >> 16) }
    var count: Float { Float(bitPattern: Self.one + (word & 0xFFFF) << 12) }

    /// Returns the time between two ticks, in turnovers.
    static func turnovers(from tick: Tick, to later: Tick) -> Float { Float(Int16(bitPattern: later &- tick)) / ticksPerTurnover }

    /// Returns the record after one more use. `decay` is the part of a doubling by which uses fade in one turnover.
    func afterUse(at now: Tick, decay: Float) -> AccessRecord {
        AccessRecord(tick: now, count: 1 + count * FastMath.power(-decay * max(Self.turnovers(from: tick, to: now), 0)))
    }
}

/// Logarithm and power to the base 2, exact to a hundredth: enough for ranking.
enum FastMath {
    static func logarithm(_ value: Float) -> Float {
        let bits = value.bitPattern
        let exponent = Float(Int32(bits >> 23) - 127)
        let mantissa = Float(bitPattern: bits & 0x7F_FFFF | 0x3F80_0000)
        return exponent + (-1.0 / 3 * mantissa + 2) * mantissa - 5.0 / 3
    }

    /// Returns 2 to the power of `exponent`, which must not be above zero.
    static func power(_ exponent: Float) -> Float {
        guard exponent > -100 else { return 0 }
        let whole = exponent.rounded(.down)
        let rest = exponent - whole
        let scale = Float(bitPattern: UInt32(Int32(whole) + 127) << 23)
        return scale * (1 + rest * (0.6565 + rest * 0.3435))
    }
}
