/// The `traceparent` of W3C Trace Context: `00-<trace id>-<parent id>-<flags>`, hexadecimal.
///
/// It holds numbers and no text. Whatever was read, it writes lower-case hexadecimal digits and dashes, so it may stand in SQL.
package struct TraceParent: Sendable, Equatable {
    private let traceHigh: UInt64
    private let traceLow: UInt64
    private let parent: UInt64
    private let flags: UInt8

    /// The length of version 00 in bytes. Every later version begins with as many.
    package static let size = 55

    /// Reads version 00, and the part of a later version that 00 has. The standard wants it passed on like this.
    ///
    /// Returns nil for anything else: another length, upper-case digits, an id of zeros, version ff.
    package init?(_ text: UnsafeRawBufferPointer) {
        let dash = UInt8(ascii: "-")
        guard text.count >= TraceParent.size, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = TraceParent.number(text, 0..<2), version != 0xFF,
            let traceHigh = TraceParent.number(text, 3..<19), let traceLow = TraceParent.number(text, 19..<35),
            let parent = TraceParent.number(text, 36..<52), let flags = TraceParent.number(text, 53..<55)
        else { return nil }
        guard text.count == TraceParent.size || (version > 0 && text[TraceParent.size] == dash) else { return nil }
        guard traceHigh | traceLow != 0, parent != 0 else { return nil }
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.parent = parent
        self.flags = UInt8(truncatingIfNeeded: version == 0 ? flags : flags & 1)
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
        var number: UInt64 = 0
        for index in range {
            let byte = text[index]
            let isUpperCase = byte < UInt8(ascii: "a") && byte > UInt8(ascii: "9")
            guard !isUpperCase, let digit = byte.hexValue else { return nil }
            number = number << 4 | UInt64(digit)
        }
        return number
    }

    /// True if the program that began the trace records it.
    package var isSampled: Bool { flags & 1 != 0 }

    package var text: String {
        var buffer = ByteBuffer(capacity: 64)
        write(into: &buffer)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    /// Writes all of it, as version 00.
    package func write(into buffer: inout ByteBuffer) {
        buffer.append("00-")
        write(traceHigh, into: &buffer)
        write(traceLow, into: &buffer)
        buffer.append(UInt8(ascii: "-"))
        write(parent, into: &buffer)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(hex: flags)
    }

    private func write(_ word: UInt64, into buffer: inout ByteBuffer) {
        for shift in stride(from: 56, through: 0, by: -8) { buffer.append(hex: UInt8(truncatingIfNeeded: word >> shift)) }
    }
}
