/// SHA-256 (FIPS 180-4), fed piece by piece. A copy continues from the state of the original.
package struct SHA256: Sendable {
    private typealias Block = InlineArray<64, UInt8>

    private var state: InlineArray<8, UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// The bytes that do not fill a block yet: the first `total % 64`.
    private var pending = Block(repeating: 0)
    private var total: UInt64 = 0

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        var position = 0
        var filled = Int(truncatingIfNeeded: total & 63)
        total &+= UInt64(bytes.count)
        if filled > 0 {
            while filled < 64, position < bytes.count {
                pending[filled] = base.load(fromByteOffset: position, as: UInt8.self)
                filled &+= 1
                position &+= 1
            }
            if filled < 64 { return }
            compressPending()
        }
        while position &+ 64 <= bytes.count {
            compress(base + position)
            position &+= 64
        }
        for index in 0..<(bytes.count &- position) {
            pending[index] = base.load(fromByteOffset: position &+ index, as: UInt8.self)
        }
    }

    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The 32 bytes of the hash of all that was fed.
    package consuming func finish() -> [UInt8] {
        pad()
        var result: [UInt8] = []
        result.reserveCapacity(32)
        for index in 0..<8 {
            for shift in stride(from: 24, through: 0, by: -8) {
                result.append(UInt8(truncatingIfNeeded: state[index] >> UInt32(shift)))
            }
        }
        return result
    }

    /// The first 128 bits of the hash. Allocates nothing.
    package consuming func finishHalf() -> (high: UInt64, low: UInt64) {
        pad()
        return (UInt64(state[0]) << 32 | UInt64(state[1]), UInt64(state[2]) << 32 | UInt64(state[3]))
    }

    /// A bit that is set, zeros, and the number of bits that were fed: whole blocks.
    private mutating func pad() {
        let bits = total &* 8
        var filled = Int(truncatingIfNeeded: total & 63)
        pending[filled] = 0x80
        filled &+= 1
        if filled > 56 {
            for index in filled..<64 { pending[index] = 0 }
            compressPending()
            filled = 0
        }
        for index in filled..<56 { pending[index] = 0 }
        for index in 0..<8 { pending[56 &+ index] = UInt8(truncatingIfNeeded: bits >> UInt64(56 &- index &* 8)) }
        compressPending()
    }

    package static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    private mutating func compressPending() {
        let block = pending
        withUnsafeBytes(of: block) { bytes in
            if let base = bytes.baseAddress { compress(base) }
        }
    }

    /// Takes in one block of 64 bytes.
    private mutating func compress(_ block: UnsafeRawPointer) {
        var schedule = InlineArray<64, UInt32>(repeating: 0)
        for index in 0..<16 {
            schedule[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
        }
        for index in 16..<64 {
            let a = schedule[index &- 15], b = schedule[index &- 2]
            let small0 = SHA256.rotate(a, 7) ^ SHA256.rotate(a, 18) ^ (a >> 3)
            let small1 = SHA256.rotate(b, 17) ^ SHA256.rotate(b, 19) ^ (b >> 10)
            schedule[index] = schedule[index &- 16] &+ small0 &+ schedule[index &- 7] &+ small1
        }
        var work = state
        for index in 0..<64 {
            let a = work[0], e = work[4]
            let big1 = SHA256.rotate(e, 6) ^ SHA256.rotate(e, 11) ^ SHA256.rotate(e, 25)
            let choice = (e & work[5]) ^ (~e & work[6])
            let first = work[7] &+ big1 &+ choice &+ SHA256.constants[index] &+ schedule[index]
            let big0 = SHA256.rotate(a, 2) ^ SHA256.rotate(a, 13) ^ SHA256.rotate(a, 22)
            let majority = (a & work[1]) ^ (a & work[2]) ^ (work[1] & work[2])
            work[7] = work[6]
            work[6] = work[5]
            work[5] = e
            work[4] = work[3] &+ first
            work[3] = work[2]
            work[2] = work[1]
            work[1] = a
            work[0] = first &+ big0 &+ majority
        }
        for index in 0..<8 { state[index] = state[index] &+ work[index] }
    }

    @inline(__always)
    private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 &- count) }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: InlineArray<64, UInt32> = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
