/// A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 bits that the caller makes unique.
///
/// A pure value: the caller gives clock, counter and randomness. Texts of one millisecond sort by `sequence`.
package struct UUIDv7: Equatable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// - Parameters:
    ///   - sequence: 12 bits that count within a millisecond.
    ///   - random: 62 bits.
    package init(unixMilliseconds: UInt64, sequence: UInt16, random: UInt64) {
        high = unixMilliseconds << 16 | 0x7000 | UInt64(sequence & 0x0FFF)
        low = random & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }
}

extension ByteBuffer {
    /// The 36 characters of a UUID, without quotes.
    package mutating func append(_ uuid: UUIDv7) {
        let bytes = (uuid.high.bigEndian, uuid.low.bigEndian)
        withUnsafeBytes(of: bytes) { append(uuid: $0) }
    }
}
