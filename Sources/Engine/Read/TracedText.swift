import Text

/// The text of a request with a `traceparent`, which differs each time, and the text without it.
///
/// The cache remembers texts without it. Requests that differ only in their traceparent are one text to the cache, and a hit costs a second
/// lookup but no decoding. It is found as the first or the last member of the request, with no blanks except one after a colon or
/// comma. Anywhere else it costs a decoding.
enum TracedText {
    private static let key: StaticString = "\"traceparent\":"

    /// Calls `body` with the text without its traceparent. With nil if there is none, or if it is elsewhere.
    @inline(never)
    static func withPlain<Result, Problem: Error>(
        _ text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) throws(Problem) -> Result
    ) throws(Problem) -> Result {
        guard let member = memberAtEnd(of: text) ?? memberAtStart(of: text) else { return try body(nil) }
        var plain = ByteBuffer(capacity: text.count)
        plain.append(UnsafeRawBufferPointer(rebasing: text[..<member.lowerBound]))
        plain.append(UnsafeRawBufferPointer(rebasing: text[member.upperBound...]))
        return try body(plain.bytes)
    }

    /// Returns the place of `,"traceparent":"…"` before the last brace.
    /// Why this is a member of the outermost object: in JSON a quote after a comma begins a key or a string, and the last brace follows.
    private static func memberAtEnd(of text: UnsafeRawBufferPointer) -> Range<Int>? {
        let end = text.count - 1
        guard end > TraceParent.size + 20, text[end] == UInt8(ascii: "}"), let start = valueStart(in: text, endingAt: end) else { return nil }
        var position = start
        if text[position - 1] == UInt8(ascii: " ") { position -= 1 }
        position -= key.utf8CodeUnitCount
        guard position > 2, matches(text, at: position) else { return nil }
        if text[position - 1] == UInt8(ascii: " ") { position -= 1 }
        return text[position - 1] == UInt8(ascii: ",") ? position - 1..<end : nil
    }

    /// Returns the place of `"traceparent":"…",` after the first brace.
    private static func memberAtStart(of text: UnsafeRawBufferPointer) -> Range<Int>? {
        guard text.count > TraceParent.size + 20, text[0] == UInt8(ascii: "{"), matches(text, at: 1) else { return nil }
        var end = 1 + key.utf8CodeUnitCount
        if text[end] == UInt8(ascii: " ") { end += 1 }
        end += TraceParent.size + 2
        guard end + 1 < text.count, valueStart(in: text, endingAt: end) != nil, text[end] == UInt8(ascii: ",") else { return nil }
        end += 1
        if text[end] == UInt8(ascii: " ") { end += 1 }
        return 1..<end
    }

    /// Returns where the string begins that ends before `end`, if it is a traceparent.
    private static func valueStart(in text: UnsafeRawBufferPointer, endingAt end: Int) -> Int? {
        let start = end - TraceParent.size - 2
        guard start > 0, text[start] == UInt8(ascii: "\""), text[end - 1] == UInt8(ascii: "\"") else { return nil }
        return TraceParent(UnsafeRawBufferPointer(rebasing: text[start + 1..<end - 1])) == nil ? nil : start
    }

    private static func matches(_ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard start + key.utf8CodeUnitCount <= text.count else { return false }
        for offset in 0..<key.utf8CodeUnitCount where text[start + offset] != key.utf8Start[offset] { return false }
        return true
    }
}
