/// The stored score of an item, as of the last look at it: `tick of the last use (16 bits) | log2(uses) - log2(size) (16 bits, in 1/512)`.
///
/// The policy's parameters and the present tick turn it into a number. A higher number is better.
struct EvictionScore {
    let word: UInt32

    /// The difference in score that twice as many uses make.
    static let doubling: Float = 512

    init(_ accessRecord: AccessRecord, size: Int) {
        let base = (FastMath.logarithm(accessRecord.count) - FastMath.logarithm(Float(max(size, 1)))) * Self.doubling
        let bits = UInt16(bitPattern: Int16(max(min(base, 32_767), -32_768)))
        word = UInt32(accessRecord.tick) << 16 | UInt32(bits)
    }

    var tick: AccessRecord.Tick { AccessRecord.Tick(truncatingIfNeeded: word >> 16) }

    @inline(__always)
    func score(at now: AccessRecord.Tick, _ parameters: PolicyParameters) -> Float {
        Float(Int16(truncatingIfNeeded: word)) - Float(Int16(bitPattern: now &- tick)) * parameters.decayStep
    }

    /// Returns the scores of eight consecutive items at once.
    @inline(__always)
    static func scores(_ storedScores: UnsafePointer<EvictionScore>, at now: AccessRecord.Tick, _ parameters: PolicyParameters) -> SIMD8<Float> {
        scores(UnsafeRawPointer(storedScores).loadUnaligned(as: SIMD8<UInt32>.self), at: now, parameters)
    }

    /// Returns the scores of eight items by their words.
    @inline(__always)
    static func scores(_ words: SIMD8<UInt32>, at now: AccessRecord.Tick, _ parameters: PolicyParameters) -> SIMD8<Float> {
        let words = SIMD8<Int32>(truncatingIfNeeded: words)
        let bases = (words &<< 16) &>> 16
        let ages = (SIMD8(repeating: Int32(bitPattern: UInt32(now) << 16)) &- (words & ~0xFFFF)) &>> 16
        return SIMD8<Float>(bases) - SIMD8<Float>(ages) * parameters.decayStep
    }
}
