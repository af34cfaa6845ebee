import CLinux
import Concurrency
import Text

/// Runs work that may need more stack than its caller has left on a thread of the library's own.
///
/// Why: hosts have threads with 16 KiB, or call from a coroutine, and an overflow ends the process. The need of a request is known, because
/// recursion depends on its nesting alone. Hits need 2 KiB and are not checked.
enum Stack {
    /// The need of any call. Measured: 32 KiB.
    static let base = 48 << 10
    /// The need of each level of nesting. Measured: 2.4 KiB.
    static let perLevel = 4 << 10
    /// The need of referential actions that the library runs itself, which nest like the data. Measured: 76 KiB.
    static let actions = 192 << 10
    /// Twice what it takes to start a thread. The header promises that 8 KiB are enough for callers.
    private static let least = 4 << 10

    /// Calls `body` with that much stack. Nil if the system has no thread.
    @inline(never)
    static func with<Result>(_ bytes: Int, _ body: () -> Result) -> Result? {
        with(left: Int(linux_stack_left()), bytes, body)
    }

    /// Like `with`, for a request: its need follows from the nesting of its text.
    /// - Parameter limit: `body` refuses a longer text, of which nothing is read here.
    @inline(never)
    static func with<Result>(_ bytes: Int, nestedAs text: UnsafeRawBufferPointer, upTo limit: Int, _ body: () -> Result) -> Result? {
        let left = Int(linux_stack_left())
        // Why: there is nearly always enough for any text, and the text then need not be read.
        if left >= bytes + TextLimit.jsonDepth * perLevel { return body() }
        return with(left: left, bytes + (text.count > limit ? 0 : nesting(of: text) * perLevel), body)
    }

    private static func with<Result>(left: Int, _ bytes: Int, _ body: () -> Result) -> Result? {
        if left >= bytes { return body() }
        // 0 means that it is unknown.
        return left == 0 || left >= least ? elsewhere(body) : nil
    }

    @inline(never)
    private static func elsewhere<Result>(_ body: () -> Result) -> Result? {
        withoutActuallyEscaping(body) { body in
            // Safe: this thread does nothing until the other one has ended.
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) var result: Result?
            guard let thread = Thread({ result = body() }) else { return nil }
            thread.join()
            return result
        }
    }

    /// Returns the nesting of objects and lists in a JSON text. The result for any other text is undefined.
    ///
    /// A string may contain JSON, under the tag `Json`. Each bracket that opens something counts there, because the strings inside are escaped.
    static func nesting(of text: UnsafeRawBufferPointer) -> Int {
        var depth = 0
        var most = 0
        var isString = false
        /// The depth with the brackets of the string so far.
        var depthOfString = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                isString.toggle()
                depthOfString = depth
            case UInt8(ascii: "\\"):
                if escapesBracket(text, at: index) { depthOfString += 1 }
                index += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if isString { depthOfString += 1 } else { depth += 1 }
            case UInt8(ascii: "}"), UInt8(ascii: "]"): if !isString { depth -= 1 }
            default: continue
            }
            most = max(most, isString ? depthOfString : depth)
        }
        return min(most, TextLimit.jsonDepth)
    }

    /// True for `u005b` and `u007b`, which stand for the brackets that open something.
    private static func escapesBracket(_ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard start + 5 <= text.count, text[start] == UInt8(ascii: "u"), text[start + 1] == UInt8(ascii: "0"), text[start + 2] == UInt8(ascii: "0")
        else { return false }
        return (text[start + 3] == UInt8(ascii: "5") || text[start + 3] == UInt8(ascii: "7")) && text[start + 4] | 0x20 == UInt8(ascii: "b")
    }
}

extension Reply {
    /// The reply to a call with too little stack for anything, and no thread to run it. It needs almost no stack itself.
    static func withoutStack() -> Reply {
        preformatted(
            status: Failure.Status.overloaded.rawValue,
            "{\"code\":\"P5011\",\"message\":\"The calling thread has too little stack left for this request, and the system could not start a thread for it.\",\"meta\":{\"retryable\":true}}"
        )
    }
}
