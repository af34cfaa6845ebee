/// Base64 (RFC 4648), read.
package enum Base64 {
    /// Writes the decoded bytes of `text` as lower-case hexadecimal digits. Padding is optional. Returns false when `text` is not base64;
    /// the caller then drops what was written.
    package static func write(hexOf text: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) -> Bool {
        var size = text.count
        var padding = 0
        while size > 0, padding < 2, text[size - 1] == UInt8(ascii: "=") {
            size -= 1
            padding += 1
        }
        guard size % 4 != 1, padding == 0 || (size + padding) % 4 == 0 else { return false }
        var bits: UInt32 = 0
        var bitCount = 0
        for index in 0..<size {
            guard let sextet = sextet(text[index]) else { return false }
            bits = (bits << 6 | sextet) & 0xFFFF
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                buffer.append(hex: UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        return true
    }

    private static func sextet(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte &- UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte &- UInt8(ascii: "a") &+ 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0") &+ 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
