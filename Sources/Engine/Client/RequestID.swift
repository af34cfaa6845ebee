import CLinux
package import Text

/// Request ids: UUIDv7 values whose random part is a number that no other call of this process has.
///
/// A call's number consists of its reply's address and of how many replies that address has had, so calls share no counter. It becomes a
/// text on demand, under a secret of the process, so ids of different processes differ, too.
package enum RequestID {
    /// 74 random bits, drawn once in a process.
    private static let secret: (sequence: UInt64, random: UInt64) = {
        var words: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &words) { buffer in
            // Why the clock: it replaces the randomness that the kernel does not have yet, early at boot.
            if getrandom(buffer.baseAddress, buffer.count, UInt32(GRND_NONBLOCK)) != buffer.count {
                buffer.storeBytes(of: Clock.monotonic &* 0x9E37_79B9_7F4A_7C15, as: UInt64.self)
            }
        }
        return words
    }()

    /// Returns the id of the `use`th call whose reply is at `cell`, an address in a 48-bit space that is aligned to 128 bytes.
    package static func uuid(cell: UInt64, use: UInt64) -> UUIDv7 {
        // 41 bits of the address and 33 of the use: 62 here, and the last 12 of the use in v7's sequence.
        let place = cell >> 7 & (1 << 41 - 1)
        let number = place | (use >> 12 & (1 << 21 - 1)) << 41
        return UUIDv7(
            unixMilliseconds: UInt64(clamping: Clock.wallMilliseconds),
            sequence: UInt16(truncatingIfNeeded: (use ^ secret.sequence) & 0xFFF),
            random: (number ^ secret.random) & (1 << 62 - 1))
    }

    /// Returns an id for a call that has no reply cell of its own yet.
    package static func fresh() -> UUIDv7 {
        var bits: UInt64 = 0
        withUnsafeMutableBytes(of: &bits) { _ = getrandom($0.baseAddress, $0.count, UInt32(GRND_NONBLOCK)) }
        return UUIDv7(
            unixMilliseconds: UInt64(clamping: Clock.wallMilliseconds), sequence: UInt16(truncatingIfNeeded: bits >> 50 & 0xFFF),
            random: bits & (1 << 62 - 1))
    }
}
