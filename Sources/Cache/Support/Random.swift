/// A fast generator for sampling. It returns the same numbers each time.
struct Random {
    private var state: UInt64

    init(seed: UInt64 = 0) { state = Hash.mix(seed) | 1 }

    @inline(__always)
    mutating func below(_ bound: Int) -> Int {
        state ^= state &<< 13
        state ^= state &>> 7
        state ^= state &<< 17
        return Int(truncatingIfNeeded: state.multipliedFullWidth(by: UInt64(truncatingIfNeeded: bound)).high)
    }
}
