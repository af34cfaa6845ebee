/// A fast 64-bit hash of bytes: a multiply-fold over words of eight bytes, with three lanes for long input.
///
/// It only spreads keys over tables; equality of the bytes always decides. Tables use a random seed, so that an attacker cannot aim at one
/// bucket.
enum Hash {
    private static let a: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let b: UInt64 = 0xD1B5_4A32_D192_ED03
    private static let c: UInt64 = 0x8CB9_2BA7_2F3D_8DD7
    private static let d: UInt64 = 0xE703_7ED1_A0B4_28DB

    /// Why not inlined: the code of an insertion must fit into the processor's instruction cache.
    @inline(never)
    static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        guard let base = bytes.baseAddress else { return fold(seed ^ a, b) }
        return of(base, bytes.count, seed: seed)
    }

    @inline(__always)
    static func of(_ base: UnsafeRawPointer, _ count: Int, seed: UInt64) -> UInt64 {
        let length = UInt64(truncatingIfNeeded: count)
        if count < 16 { return ofShort(base, count, seed: seed) }
        var at = base
        var left = count
        var lane = seed ^ a
        if left > 48 {
            var second = lane
            var third = lane
            repeat {
                lane = fold(word(at, 0) ^ b, word(at, 8) ^ lane)
                second = fold(word(at, 16) ^ c, word(at, 24) ^ second)
                third = fold(word(at, 32) ^ d, word(at, 40) ^ third)
                at += 48
                left &-= 48
            } while left > 48
            lane ^= second ^ third
        }
        while left > 16 {
            lane = fold(word(at, 0) ^ b, word(at, 8) ^ lane)
            at += 16
            left &-= 16
        }
        // The last 16 bytes, which may overlap what has been read.
        let end = base + (count &- 16)
        return fold(b ^ length, fold(word(end, 0) ^ b, word(end, 8) ^ lane))
    }

    /// Hashes fewer than 16 bytes, which are gathered into two words.
    @inline(never)
    private static func ofShort(_ base: UnsafeRawPointer, _ count: Int, seed: UInt64) -> UInt64 {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for index in 0..<count {
            let byte = UInt64(base.load(fromByteOffset: index, as: UInt8.self))
            if index < 8 { low |= byte &<< UInt64(index &* 8) } else { high |= byte &<< UInt64((index &- 8) &* 8) }
        }
        return fold(b ^ UInt64(truncatingIfNeeded: count), fold(low ^ b, high ^ seed ^ a))
    }

    /// Mixes a single word.
    @inline(__always)
    static func mix(_ word: UInt64) -> UInt64 { fold(word ^ a, b) }

    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    @inline(__always)
    private static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
        let product = x.multipliedFullWidth(by: y)
        return product.low ^ product.high
    }
}
