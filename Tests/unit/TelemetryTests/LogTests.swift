import Testing
import Text

@testable import Telemetry

@Suite("The log")
struct LogTests {
    private func log(_ levels: Log.Levels = [.query, .info, .warn, .error], events: Int = 100, bytes: Int = 1 << 20, text: Int = 1000) -> Log {
        var settings = Log.Settings()
        settings.levels = levels
        return Log(settings, Log.Bounds(events: events, bytes: bytes, textBytes: text))
    }

    private func takeAll(_ log: Log, atMost count: Int = .max, bytes: Int = .max) throws -> (messages: [String], dropped: UInt64) {
        let (events, dropped) = log.take(atMost: count, bytes: bytes)
        let messages = try events.map { event in
            try JSONDocument(scanning: String(decoding: event, as: UTF8.self)).root["message"]?.string ?? ""
        }
        return (messages, dropped)
    }

    @Test("Events come once, in their order, and by portions")
    func order() throws {
        let log = log()
        for number in 0..<5 { log.tell(.info, "test", "\(number)") }
        #expect(try takeAll(log, atMost: 2).messages == ["0", "1"])
        log.tell(.info, "test", "5")
        #expect(try takeAll(log).messages == ["2", "3", "4", "5"])
        #expect(try takeAll(log).messages == [])
    }

    @Test("A level that is off leaves no event, and its sentence is not even made")
    func levels() throws {
        let log = log([.warn])
        var made = 0
        func sentence() -> String {
            made += 1
            return "\(made)"
        }
        for level in Log.Level.allCases { log.tell(level, "test", sentence()) }
        #expect(try takeAll(log).messages == ["1"])
        #expect(made == 1)
    }

    @Test("Beyond the number of events the oldest go, and are counted once")
    func boundInEvents() throws {
        let log = log(events: 10)
        for number in 0..<25 { log.tell(.info, "test", "\(number)") }
        let (messages, dropped) = try takeAll(log)
        #expect(messages == (15..<25).map { "\($0)" } && dropped == 15)
        #expect(try takeAll(log).dropped == 0)
    }

    @Test("The bytes are bounded whatever comes, and one event over the bound is dropped alone", arguments: [200, 1000, 5000])
    func boundInBytes(bytes: Int) {
        var buffer = LogBuffer(events: 1000, bytes: bytes)
        var added: UInt64 = 0
        var given: UInt64 = 0
        for round in 0..<500 {
            buffer.add([UInt8](repeating: 1, count: round * 37 % 700))
            added += 1
            #expect(buffer.bytes <= bytes && buffer.bytes >= 0)
            if round % 40 == 39 {
                let (events, dropped) = buffer.take(atMost: 3, bytes: 2000)
                given += UInt64(events.count) + dropped
            }
        }
        let (events, dropped) = buffer.take(atMost: .max, bytes: .max)
        #expect(given + UInt64(events.count) + dropped == added)
        #expect(buffer.bytes == 0 && buffer.count == 0)
    }

    @Test("A log without room keeps nothing and counts all")
    func noRoom() throws {
        for log in [log(events: 0), log(bytes: 0)] {
            log.tell(.info, "test", "a")
            log.tell(.info, "test", "b")
            let (messages, dropped) = try takeAll(log)
            #expect(messages == [] && dropped == 2)
        }
    }

    @Test("What is taken keeps to the bytes that are asked for; what can never fit is dropped, not in the way")
    func portionsInBytes() throws {
        let log = log()
        log.tell(.info, "test", "small")
        log.tell(.info, "test", String(repeating: "x", count: 900))
        log.tell(.info, "test", "next")
        let first = try takeAll(log, bytes: 120)
        #expect(first.messages == ["small"] && first.dropped == 1)
        let second = try takeAll(log, bytes: 120)
        #expect(second.messages == ["next"] && second.dropped == 0)
    }

    @Test("A long text is cut between two characters, and the event says so")
    func cut() throws {
        let log = log(text: 10)
        var event = LogEvent(.query, target: "test", in: log)
        let text = "123456789é"
        var copy = text
        copy.withUTF8 { event.add("query", UnsafeRawBufferPointer($0)) }
        log.add(event)
        let taken = log.take(atMost: 1, bytes: .max).events
        let document = try JSONDocument(scanning: String(decoding: try #require(taken.first), as: UTF8.self))
        #expect(document.root["query"]?.string == "123456789")
        #expect(document.root["truncated"]?.kind == .true)
    }

    @Test("Parameters are the text of a JSON list, as many as fit")
    func parameters() throws {
        var list = ParameterList()
        for value in ["a\"b", "1", String(repeating: "z", count: 50), "not shown"] { try list.append { $0.append(value) } }
        list.appendNull()
        func shown(_ slots: [Int], text: Int) throws -> String? {
            let log = log(text: text)
            var event = LogEvent(.query, target: "test", in: log)
            event.add(parameters: list, slots)
            log.add(event)
            let taken = log.take(atMost: 1, bytes: .max).events
            return try JSONDocument(scanning: String(decoding: try #require(taken.first), as: UTF8.self)).root["params"]?.string
        }
        #expect(try shown([1, 0, 4], text: 1000) == #"["1","a\"b",null]"#)
        #expect(try shown([], text: 1000) == "[]")
        let cut = try #require(try shown([0, 1, 2, 3], text: 30))
        #expect(cut.hasPrefix(#"["a\"b","1","zzz"#) && !cut.contains("not shown"))
        _ = try JSONDocument(scanning: cut)
    }

    @Test("Durations are milliseconds to the microsecond; numbers of requests are shared by nobody")
    func numbers() throws {
        let log = log()
        for nanoseconds in [Int64(0), 999, 1_234_567, -5, 86_400_000_000_000] {
            var event = LogEvent(.query, target: "test", in: log)
            event.add("duration", nanoseconds: nanoseconds)
            log.add(event)
        }
        let texts = log.take(atMost: .max, bytes: .max).events.map { String(decoding: $0, as: UTF8.self) }
        let ends = ["0.000}", "0.000}", "1.234}", "0.000}", "86400000.000}"]
        for (text, end) in zip(texts, ends) { #expect(text.hasSuffix("\"duration\":" + end), "\(text)") }
        #expect(log.number() != log.number())
    }
}
