/// When an entry was last counted as used, and how often, older uses counting less: one word, so that a reader without a lock can
/// replace it. A race between two readers loses one of the two uses, and nothing else.
///
/// Time is a tick: 1/32 of the insertions that it takes to turn the whole cache over. Uses within one tick count once, so a
/// hot entry is read without being written.
struct Touch: Equatable {
    let word: UInt64

    static let ticksPerTurnover: Float = 32

    @inline(__always)
    init(word: UInt64) { self.word = word }

    init(tick: UInt32, count: Float) { word = UInt64(tick) << 32 | UInt64(count.bitPattern) }

    @inline(__always)
    var tick: UInt32 { UInt32(truncatingIfNeeded: word >> 32) }
    var count: Float { Float(bitPattern: UInt32(truncatingIfNeeded: word)) }

    /// One more use. `decay` is the part of a doubling by which uses fade in one turnover.
    func used(at now: UInt32, decay: Float) -> Touch {
        let age = Float(Int32(bitPattern: now &- tick)) / Self.ticksPerTurnover
        return Touch(tick: now, count: 1 + count * Binary.power(-decay * max(age, 0)))
    }
}

/// Logarithm and power to the base 2, good to a hundredth: what ranking needs.
enum Binary {
    static func logarithm(_ value: Float) -> Float {
        let bits = value.bitPattern
        let exponent = Float(Int32(bits >> 23) - 127)
        let mantissa = Float(bitPattern: bits & 0x7F_FFFF | 0x3F80_0000)
        return exponent + (-1.0 / 3 * mantissa + 2) * mantissa - 5.0 / 3
    }

    /// 2 to `exponent`, which is not above zero.
    static func power(_ exponent: Float) -> Float {
        guard exponent > -100 else { return 0 }
        let whole = exponent.rounded(.down)
        let rest = exponent - whole
        let scale = Float(bitPattern: UInt32(Int32(whole) + 127) << 23)
        return scale * (1 + rest * (0.6565 + rest * 0.3435))
    }
}
