import Concurrency
import Synchronization

/// The events of late, for a caller that asks: a bounded list. The oldest events are dropped when it is full.
///
/// Any thread may add and take. The thread that an event happens on writes it; adding takes one short lock.
package final class Log: Sendable {
    package enum Level: String, Sendable, CaseIterable { case query, info, warn, error }

    package struct Levels: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package init(_ level: Level) {
            switch level {
            case .query: self = .query
            case .info: self = .info
            case .warn: self = .warn
            case .error: self = .error
            }
        }
        package static let query = Levels(rawValue: 1)
        package static let info = Levels(rawValue: 2)
        package static let warn = Levels(rawValue: 4)
        package static let error = Levels(rawValue: 8)
    }

    /// Which levels are logged, and their settings.
    package struct Settings: Sendable, Equatable {
        package var levels: Levels = []
        /// Query events show the parameters, too.
        package var showsParameters = false
        /// The time in nanoseconds from which a statement is reported as slow.
        package var slowNanoseconds: Int64 = 1_000_000_000
        package init() {}
    }

    /// How many events and bytes are kept.
    package struct Bounds: Sendable {
        package var events: Int
        package var bytes: Int
        /// The longest text in an event, in bytes. A longer one is cut.
        package var textBytes: Int

        package init(events: Int, bytes: Int, textBytes: Int) {
            self.events = events
            self.bytes = bytes
            self.textBytes = textBytes
        }
    }

    package let settings: Settings
    package let bounds: Bounds
    private let state: Lock<LogBuffer>
    private let lastNumber = Atomic<UInt64>(0)

    package init(_ settings: Settings, _ bounds: Bounds) {
        self.settings = settings
        self.bounds = bounds
        state = Lock(LogBuffer(events: bounds.events, bytes: bounds.bytes))
    }

    @inline(__always)
    package func has(_ level: Level) -> Bool { settings.levels.contains(Levels(level)) }

    /// A number for a request, which its events share.
    package func number() -> UInt64 { lastNumber.wrappingAdd(1, ordering: .relaxed).newValue }

    package func add(_ event: consuming LogEvent) {
        let text = event.finish()
        state.withLock { $0.add(text) }
    }

    /// Takes the oldest events: at most `count`, and at most `bytes` with a comma behind each. An event that is larger than `bytes` by
    /// itself is dropped. `dropped` is how many were lost since the last call.
    package func take(atMost count: Int, bytes: Int) -> (events: [[UInt8]], dropped: UInt64) {
        state.withLock { $0.take(atMost: count, bytes: bytes) }
    }
}

/// The events that were not taken yet, as JSON. A value without a lock.
struct LogBuffer {
    private let mostEvents: Int
    private let mostBytes: Int
    private var events = Queue<[UInt8]>()
    private(set) var bytes = 0
    private(set) var dropped: UInt64 = 0

    /// The approximate bytes of an array beside its contents.
    private static let overhead = 48

    init(events: Int, bytes: Int) {
        mostEvents = events
        mostBytes = bytes
    }

    var count: Int { events.count }

    mutating func add(_ event: [UInt8]) {
        let cost = event.count + LogBuffer.overhead
        guard mostEvents > 0, cost <= mostBytes else {
            dropped &+= 1
            return
        }
        while count >= mostEvents || bytes + cost > mostBytes {
            removeOldest()
            dropped &+= 1
        }
        events.append(event)
        bytes += cost
    }

    mutating func take(atMost limit: Int, bytes room: Int) -> (events: [[UInt8]], dropped: UInt64) {
        var taken: [[UInt8]] = []
        var left = room
        while taken.count < limit, let oldest = events.first {
            let size = oldest.count + 1
            if size > left, size <= room { break }
            removeOldest()
            if size > left {
                dropped &+= 1
            } else {
                left -= size
                taken.append(oldest)
            }
        }
        defer { dropped = 0 }
        return (taken, dropped)
    }

    private mutating func removeOldest() {
        guard let event = events.popFirst() else { return }
        bytes -= event.count + LogBuffer.overhead
    }
}
