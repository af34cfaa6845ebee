import CLinux
import Concurrency
import Text

/// Work that may need more stack than its caller has left: it runs on a thread of the library's own then.
///
/// Why: hosts give their threads 16 KiB, or call from a coroutine, and a stack that is used up ends the process. What a request needs is
/// known, since recursion follows its nesting alone. Hits need 2 KiB, and are not asked.
enum Stack {
    /// What any call may need. Measured: 32 KiB.
    static let base = 48 << 10
    /// What each level of nesting adds. Measured: 2.4 KiB.
    static let perLevel = 4 << 10
    /// What the actions of relations add that the library carries out itself, which nest as the data does. Measured: 76 KiB.
    static let actions = 192 << 10
    /// What it takes to begin a thread, twice. The header promises that callers need 8 KiB.
    private static let least = 4 << 10

    /// Calls `body` where so much is left; nil when the system gives no thread.
    @inline(never)
    static func with<Result>(_ bytes: Int, _ body: () -> Result) -> Result? {
        with(left: Int(linux_stack_left()), bytes, body)
    }

    /// The same for a request: what it needs follows from its text.
    @inline(never)
    static func with<Result>(_ bytes: Int, nestedAs text: UnsafeRawBufferPointer, _ body: () -> Result) -> Result? {
        let left = Int(linux_stack_left())
        // Why: nearly always there is enough for any text, and it has not to be read for this.
        if left >= bytes + TextLimit.jsonDepth * perLevel { return body() }
        return with(left: left, bytes + nesting(of: text) * perLevel, body)
    }

    private static func with<Result>(left: Int, _ bytes: Int, _ body: () -> Result) -> Result? {
        if left >= bytes { return body() }
        // 0 says that nothing is known.
        return left == 0 || left >= least ? elsewhere(body) : nil
    }

    @inline(never)
    private static func elsewhere<Result>(_ body: () -> Result) -> Result? {
        withoutActuallyEscaping(body) { body in
            // Safe: this thread does nothing until that one has ended.
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) var result: Result?
            guard let thread = Thread({ result = body() }) else { return nil }
            thread.join()
            return result
        }
    }

    /// Objects and lists within one another, in a text of JSON; anything for one that is none.
    static func nesting(of text: UnsafeRawBufferPointer) -> Int {
        var depth = 0
        var most = 0
        var isString = false
        var isEscaped = false
        for byte in text {
            if isEscaped {
                isEscaped = false
            } else if isString {
                isString = byte != UInt8(ascii: "\"")
                isEscaped = byte == UInt8(ascii: "\\")
            } else {
                switch byte {
                case UInt8(ascii: "\""): isString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    most = max(most, depth)
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
            }
        }
        return min(most, TextLimit.jsonDepth)
    }
}

extension Reply {
    /// For a call with too little stack to do anything, and no thread to do it on. Made of next to nothing.
    static func withoutStack() -> Reply {
        preformatted(
            status: Failure.Status.overloaded.rawValue,
            "{\"code\":\"P5011\",\"message\":\"The calling thread has too little stack left for this request, and the system has no thread for it.\",\"meta\":{\"retryable\":true}}"
        )
    }
}
