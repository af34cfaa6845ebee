import Foundation
import Testing

@testable import Cache

extension MonotonicTime {
    /// Nanoseconds of CLOCK_MONOTONIC, for the deadlines of waits.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(clamping: time.tv_sec) &* second &+ UInt64(clamping: time.tv_nsec)
    }
}

/// A cache with a clock that tests move, and short words for what they do with it.
final class TestCache: Sendable {
    let cache: Cache
    private let time = Guarded<UInt64>(1_000_000_000_000)

    init(maxBytes: Int = 1 << 20, maxEntryBytes: Int? = nil, isTiered: Bool = false) {
        var configuration = Cache.Configuration(maxBytes: maxBytes, maxEntryBytes: maxEntryBytes, seed: 42)
        configuration.isTiered = isTiered
        cache = Cache(configuration)
    }

    deinit { cache.checkInvariants() }

    var now: UInt64 { time.withLock { $0 } }

    func advance(milliseconds: Int) { time.withLock { $0 += UInt64(milliseconds) * 1_000_000 } }
    func advance(seconds: Int) { advance(milliseconds: seconds * 1000) }

    /// The first way in: by text.
    func hit(_ text: String) -> Seen? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { cache.hit(text: $0, now: now).map { Seen($0) } }
    }

    /// The second way in: by key.
    func lookup(
        _ key: String, text: String? = nil, ttl: Int? = nil, swr: Int? = nil, tags: [String] = [], isCounted: Bool = true
    ) -> Cache.Outcome {
        read(key, text, ttl, swr, tags) { cache.lookup($0, now: now, isCounted: isCounted) }
    }

    /// Adds tags to the answer that a lookup has led to.
    func add(_ tags: [String], to outcome: Cache.Outcome, of key: String) {
        read(key, nil, nil, nil, []) { cache.add(tags.map { Cache.Tag($0) }, to: outcome, of: $0) }
    }

    func refresh(_ key: String, ttl: Int? = nil, swr: Int? = nil, tags: [String] = []) -> Cache.FlightLeader? {
        read(key, nil, ttl, swr, tags) { cache.refresh($0, now: now) }
    }

    private func read<Result>(
        _ key: String, _ text: String?, _ ttl: Int?, _ swr: Int?, _ tags: [String], _ body: (borrowing Cache.Read) -> Result
    ) -> Result {
        let text = Array((text ?? TestCache.text(key, ttl: ttl, swr: swr, tags: tags)).utf8)
        let key = Array(key.utf8)
        return key.withUnsafeBytes { key in
            text.withUnsafeBytes { text in
                body(
                    Cache.Read(
                        key: key, text: text,
                        strategy: Cache.Strategy(ttl: ttl, swr: swr, tags: tags.map { Cache.Tag($0) })))
            }
        }
    }

    /// What a program would send for this.
    static func text(_ key: String, ttl: Int? = nil, swr: Int? = nil, tags: [String] = []) -> String {
        "\(key) ttl=\(ttl.map(String.init) ?? "-") swr=\(swr.map(String.init) ?? "-") tags=\(tags)"
    }

    /// Asks as the engine does: by text, by key, and if need be by running a query that answers `answer`.
    @discardableResult
    func ask(_ key: String, ttl: Int? = nil, swr: Int? = nil, tags: [String] = [], answer: String = "") -> Seen {
        if let seen = hit(TestCache.text(key, ttl: ttl, swr: swr, tags: tags)) { return seen }
        switch lookup(key, ttl: ttl, swr: swr, tags: tags) {
        case .hit(let hit): return Seen(hit)
        case .lead(let lead): return Seen(lead.complete(TestCache.answer(answer), now: now))
        case .join: fatalError("nobody else is asking")
        }
    }

    /// Refreshes as the engine does; what the caller of `refresh` would see, or nil when it was not wanted.
    @discardableResult
    func refresh(_ key: String, ttl: Int? = nil, swr: Int? = nil, tags: [String] = [], answer: String) -> Seen? {
        refresh(key, ttl: ttl, swr: swr, tags: tags).map { Seen($0.complete(TestCache.answer(answer), now: now)) }
    }

    static func answer(_ text: String, lastModified: Int64 = 0) -> Cache.Answer {
        let bytes = Array(text.utf8)
        let block = malloc(bytes.count + 1)!
        memcpy(block, bytes, bytes.count)
        block.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
        return Cache.Answer(
            bytes: block, size: bytes.count, lastModified: lastModified,
            signature: Cache.Signature(high: 7, low: UInt64(bytes.count)))!
    }
}

/// What a hit showed, read and released.
struct Seen: Equatable {
    var status: Cache.Status
    var text: String
    var mustRefresh: Bool

    init(_ status: Cache.Status, _ text: String, mustRefresh: Bool = false) {
        self.status = status
        self.text = text
        self.mustRefresh = mustRefresh
    }

    init(_ hit: Cache.Hit) {
        self.init(hit.status, String(decoding: hit.pin.data, as: UTF8.self), mustRefresh: hit.mustRefresh)
        hit.pin.release()
    }
}

extension Cache.Outcome {
    var lead: Cache.FlightLeader? { if case .lead(let lead) = self { lead } else { nil } }
    var flight: Cache.Flight? { if case .join(let flight) = self { flight } else { nil } }
    var hit: Cache.Hit? { if case .hit(let hit) = self { hit } else { nil } }
}

/// A lock that ThreadSanitizer knows.
final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value
    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body(&value)
    }
}
