import CLinux
package import Text

/// One event while it is written: a JSON object, member by member.
package struct LogEvent: ~Copyable {
    private var buffer = ByteBuffer(capacity: 512)
    /// The longest text, in bytes.
    private let limit: Int
    private var isCut = false

    /// - Parameter target: the part of the library that tells it.
    package init(_ level: Log.Level, target: StaticString, in log: Log) {
        limit = log.bounds.textBytes
        buffer.append("{\"timestamp\":")
        buffer.append(timestamp: LogEvent.now)
        buffer.append(",\"level\":\"")
        buffer.append(level.rawValue)
        buffer.append("\"")
        add("target", target)
    }

    /// The machine's wall clock, in microseconds since 2000.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec) &- Year2000.seconds) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000
    }

    private mutating func add(_ key: StaticString) {
        buffer.append(",\"")
        buffer.append(key)
        buffer.append("\":")
    }

    package mutating func add(_ key: StaticString, _ text: StaticString) {
        add(key)
        buffer.append(jsonString: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func add(_ key: StaticString, _ text: String) {
        var text = text
        text.withUTF8 { add(key, UnsafeRawBufferPointer($0)) }
    }

    /// Adds a text, which is UTF-8. It is cut where it is too long.
    package mutating func add(_ key: StaticString, _ text: UnsafeRawBufferPointer) {
        add(key)
        buffer.append(jsonString: cut(text, to: limit))
    }

    /// Adds a statement with the request's own comments, as the server gets it. A trace alone is a member of the event.
    package mutating func add(_ key: StaticString, _ statement: UnsafeRawBufferPointer, _ trace: Trace) {
        guard trace.comment != nil else { return add(key, statement) }
        var text = ByteBuffer(capacity: statement.count + 256)
        text.append(statement)
        trace.appendComment(to: &text, isAfterLineComment: false)
        add(key, text.bytes)
    }

    package mutating func add(_ key: StaticString, _ number: Int) {
        add(key)
        buffer.append(decimal: number)
    }

    /// Adds a duration in milliseconds, with three decimals.
    package mutating func add(_ key: StaticString, nanoseconds: Int64) {
        let microseconds = max(nanoseconds, 0) / 1000
        add(key)
        buffer.append(decimal: microseconds / 1000)
        buffer.append(UInt8(ascii: "."))
        buffer.append(decimal: Int(truncatingIfNeeded: microseconds % 1000), width: 3)
    }

    /// Adds the values of a statement as the text of a JSON list: strings as PostgreSQL gets them, and null.
    package mutating func add(parameters: borrowing ParameterList, _ slots: [Int]) {
        var list = ByteBuffer(capacity: 256)
        list.append(UInt8(ascii: "["))
        for (position, slot) in slots.enumerated() {
            guard list.count < limit else {
                isCut = true
                break
            }
            if position > 0 { list.append(UInt8(ascii: ",")) }
            if let value = parameters.pointer(slot) {
                list.append(jsonString: cut(UnsafeRawBufferPointer(start: value, count: strlen(value)), to: limit - list.count))
            } else {
                list.append("null")
            }
        }
        list.append(UInt8(ascii: "]"))
        add("params")
        buffer.append(jsonString: list.bytes)
    }

    /// Adds the members of an error's document: `code`, `message`, `meta`.
    package mutating func add(members write: (inout ByteBuffer) -> Void) {
        buffer.append(UInt8(ascii: ","))
        write(&buffer)
    }

    package mutating func add(_ trace: Trace) {
        if trace.number != 0 {
            add("request")
            buffer.append(decimal: trace.number)
        }
        if let parent = trace.parent {
            add("traceparent")
            buffer.append(UInt8(ascii: "\""))
            parent.write(into: &buffer)
            buffer.append(UInt8(ascii: "\""))
        }
    }

    /// Returns the first bytes of a text that fit, in whole characters.
    private mutating func cut(_ text: UnsafeRawBufferPointer, to size: Int) -> UnsafeRawBufferPointer {
        if text.count <= size { return text }
        isCut = true
        var end = max(size, 0)
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: text[..<end])
    }

    consuming func finish() -> [UInt8] {
        if isCut { buffer.append(",\"truncated\":true") }
        buffer.append(UInt8(ascii: "}"))
        return Array(buffer.bytes)
    }
}

extension Log {
    /// Adds an event that is one sentence, if the level is on.
    package func tell(_ level: Level, _ target: StaticString, _ message: @autoclosure () -> String, _ trace: Trace = Trace()) {
        guard has(level) else { return }
        var event = LogEvent(level, target: target, in: self)
        event.add("message", message())
        event.add(trace)
        add(event)
    }
}
