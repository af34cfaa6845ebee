extension ByteBuffer {
    /// `936da01f-9abd-4d9d-80c7-02af85c822a8` from its sixteen bytes, without quotes. Writes nothing from fewer.
    package mutating func append(uuid source: UnsafeRawBufferPointer) {
        guard source.count >= 16, let base = source.baseAddress else { return }
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        append(room: 36) { target in
            var write = 0
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    target[write] = UInt8(ascii: "-")
                    write &+= 1
                }
                target[write] = ByteBuffer.lowerHex(bytes[index] >> 4)
                target[write &+ 1] = ByteBuffer.lowerHex(bytes[index] & 15)
                write &+= 2
            }
            return write
        }
    }

    @inline(__always)
    private static func lowerHex(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &+ (nibble &- 10)
    }
}
