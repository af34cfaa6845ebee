/// The key of sealed values, as `cache.tier.key` has it: 32 bytes as base64 or as hexadecimal digits.
enum TierKey {
    static let bytes = 32

    /// Nil where the text is neither.
    static func read(_ text: String) -> [UInt8]? {
        let text = Array(text.utf8)
        let key = text.count == 2 * bytes ? hexadecimal(text) : base64(text)
        return key?.count == bytes ? key : nil
    }

    private static func hexadecimal(_ text: [UInt8]) -> [UInt8]? {
        var key: [UInt8] = []
        for place in stride(from: 0, to: text.count - 1, by: 2) {
            guard let high = digit(text[place]), let low = digit(text[place + 1]) else { return nil }
            key.append(high << 4 | low)
        }
        return key
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }

    /// Of both alphabets, with or without padding.
    private static func base64(_ text: [UInt8]) -> [UInt8]? {
        var key: [UInt8] = []
        var (bits, count) = (UInt32(0), UInt32(0))
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding == 0 || (padding < 3 && text.count % 4 == 0) else { return nil }
        for byte in text.dropLast(padding) {
            guard let sextet = sextet(byte) else { return nil }
            (bits, count) = ((bits << 6 | sextet) & 0xFFFF, count + 6)
            if count < 8 { continue }
            count -= 8
            key.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        // Why: a text that was cut or has a letter changed at its end is no other way to write the key.
        return count < 6 && bits & (1 << count - 1) == 0 ? key : nil
    }

    private static func sextet(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte &- UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte &- UInt8(ascii: "a") &+ 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0") &+ 52)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
