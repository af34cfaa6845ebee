/// What was known of an item's worth when somebody last looked: `tick of the last use (16 bits) | log2(uses) - log2(size)
/// (16 bits, in 1/512)`. With the theme and the present tick it makes a score, the higher the better.
struct Worth {
    let word: UInt32

    /// The score of twice as many uses.
    static let doubling: Int32 = 8192
    private static let unit: Int32 = 16

    init(_ touch: Touch, size: Int) {
        let base = (Binary.logarithm(touch.count) - Binary.logarithm(Float(max(size, 1)))) * Float(Self.doubling / Self.unit)
        let bits = UInt16(bitPattern: Int16(max(min(base, 32_767), -32_768)))
        word = UInt32(touch.tick) << 16 | UInt32(bits)
    }

    var tick: Touch.Tick { Touch.Tick(truncatingIfNeeded: word >> 16) }

    @inline(__always)
    func score(at now: Touch.Tick, _ theme: Theme) -> Int32 {
        let base = Int32(Int16(truncatingIfNeeded: word))
        let age = Int32(Int16(bitPattern: now &- tick))
        return base &* Self.unit &- age &* theme.decayStep
    }
}
