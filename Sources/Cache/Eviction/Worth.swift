/// What was known of an item's worth when somebody last looked: `tick of the last use (16 bits) | log2(uses) - log2(size)
/// (16 bits, in 1/512)`. With the theme and the present tick it makes a score, the higher the better.
struct Worth {
    let word: UInt32

    /// The score of twice as many uses.
    static let doubling: Float = 512

    init(_ touch: Touch, size: Int) {
        let base = (Binary.logarithm(touch.count) - Binary.logarithm(Float(max(size, 1)))) * Self.doubling
        let bits = UInt16(bitPattern: Int16(max(min(base, 32_767), -32_768)))
        word = UInt32(touch.tick) << 16 | UInt32(bits)
    }

    var tick: Touch.Tick { Touch.Tick(truncatingIfNeeded: word >> 16) }

    @inline(__always)
    func score(at now: Touch.Tick, _ theme: Theme) -> Float {
        Float(Int16(truncatingIfNeeded: word)) - Float(Int16(bitPattern: now &- tick)) * theme.decayStep
    }

    /// The scores of eight that lie one after the other, at once.
    @inline(__always)
    static func scores(_ worths: UnsafePointer<Worth>, at now: Touch.Tick, _ theme: Theme) -> SIMD8<Float> {
        scores(UnsafeRawPointer(worths).loadUnaligned(as: SIMD8<UInt32>.self), at: now, theme)
    }

    /// The same by their words.
    @inline(__always)
    static func scores(_ words: SIMD8<UInt32>, at now: Touch.Tick, _ theme: Theme) -> SIMD8<Float> {
        let words = SIMD8<Int32>(truncatingIfNeeded: words)
        let bases = (words &<< 16) &>> 16
        let ages = (SIMD8(repeating: Int32(bitPattern: UInt32(now) << 16)) &- (words & ~0xFFFF)) &>> 16
        return SIMD8<Float>(bases) - SIMD8<Float>(ages) * theme.decayStep
    }
}
