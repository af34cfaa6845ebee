extension ByteBuffer {
    /// Base64 (RFC 4648, with padding), without quotes.
    package mutating func append(base64 source: UnsafeRawBufferPointer) {
        guard let base = source.baseAddress else { return }
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        let size = source.count
        append(room: (size &+ 2) / 3 &* 4) { target in
            let alphabet = ByteBuffer.base64Alphabet.utf8Start
            var read = 0
            var write = 0
            while read < size {
                let second = read &+ 1 < size ? bytes[read &+ 1] : 0
                let third = read &+ 2 < size ? bytes[read &+ 2] : 0
                let group = UInt32(bytes[read]) << 16 | UInt32(second) << 8 | UInt32(third)
                target[write] = alphabet[Int(group >> 18)]
                target[write &+ 1] = alphabet[Int(group >> 12 & 63)]
                target[write &+ 2] = read &+ 1 < size ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
                target[write &+ 3] = read &+ 2 < size ? alphabet[Int(group & 63)] : UInt8(ascii: "=")
                read &+= 3
                write &+= 4
            }
            return write
        }
    }

    // Why StaticString: its bytes lie in the image, so the loop needs no bounds check and no `swift_once`.
    private static var base64Alphabet: StaticString {
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    }
}
