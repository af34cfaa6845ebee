import CLinux
import Synchronization
package import Text

/// Identifiers that the client makes: `cuid() uuid() ulid() nanoid()`.
package enum GeneratedText {
    private static let base36 = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    private static let crockford = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let urlSafe = Array("useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict".utf8)

    static func random() -> UInt64 {
        var word: UInt64 = 0
        let isRandom = withUnsafeMutableBytes(of: &word) { bytes in
            var filled = 0
            while filled < bytes.count {
                let count = getrandom(bytes.baseAddress.map { $0 + filled }, bytes.count - filled, 0)
                if count > 0 { filled += count } else if linux_errno() != EINTR { return false }
            }
            return true
        }
        // Why not an error: where the kernel gives no randomness, an id still differs each time.
        return isRandom ? word : standIn()
    }

    private static let standIns = Atomic<UInt64>(0)

    /// Returns a word when there is no random one: the time and a counter, mixed by the finalizer of SplitMix64.
    static func standIn() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let count = standIns.wrappingAdd(1, ordering: .relaxed).newValue
        var word = UInt64(bitPattern: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)) &+ count &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    package static func write(uuid version: Int, milliseconds: UInt64, into buffer: inout ByteBuffer) {
        if version == 7 {
            let word = random()
            return buffer.append(UUIDv7(unixMilliseconds: milliseconds, sequence: UInt16(word & 0xFFF), random: random() >> 2))
        }
        let high = random() & ~0xF000 | 0x4000
        let low = random() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { buffer.append(uuid: $0) }
    }

    /// Version 1: `c`, milliseconds, a count, and randomness, 25 characters that sort by the time they were made. Version 2: 24 random
    /// characters, the first a letter.
    static func write(cuid version: Int, milliseconds: UInt64, count: UInt64, into buffer: inout ByteBuffer) {
        if version == 2 {
            buffer.append(base36[10 + Int(random() % 26)])
            return append(random: 23, of: base36, into: &buffer)
        }
        buffer.append(UInt8(ascii: "c"))
        append(milliseconds, digits: 8, of: base36, into: &buffer)
        append(count, digits: 4, of: base36, into: &buffer)
        append(random: 12, of: base36, into: &buffer)
    }

    /// 48 bits of time and 80 random ones.
    static func write(ulid milliseconds: UInt64, into buffer: inout ByteBuffer) {
        append(milliseconds, digits: 10, of: crockford, into: &buffer)
        append(random: 16, of: crockford, into: &buffer)
    }

    static func write(nanoid length: Int, into buffer: inout ByteBuffer) { append(random: length, of: urlSafe, into: &buffer) }

    private static func append(_ number: UInt64, digits: Int, of alphabet: [UInt8], into buffer: inout ByteBuffer) {
        var rest = number
        var text = [UInt8](repeating: alphabet[0], count: digits)
        for position in stride(from: digits - 1, through: 0, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: UInt64(alphabet.count))
            text[position] = alphabet[Int(digit)]
            rest = quotient
        }
        buffer.append(text)
    }

    private static func append(random count: Int, of alphabet: [UInt8], into buffer: inout ByteBuffer) {
        for _ in 0..<count { buffer.append(alphabet[Int(random() % UInt64(alphabet.count))]) }
    }
}
