import CLinux
import Cache

/// Replays a trace of requests through the cache's own interface and prints the part that hit.
///
///     zcat oltp.gz | CacheReplay oltp [--synthetic-sizes] [seed=1] [policy=clock|fixed:N|tuned|tuned-without:N] [unit=1000] [maxBytes=N]
///         [fraction …]
///
/// A trace has a request a line, `key size`; size 1 everywhere means that only the number of objects counts. A capacity is the
/// fraction of the bytes of all objects, as the cache accounts for them, tables not counted: so that it holds as many objects as a
/// simulator that counts objects.
///
/// - `maxBytes` is the limit instead, tables counted, as a client's configuration has it.
/// - `unit` is the size of an answer where sizes are 1. Other sizes are taken 16 times, so that what is kept beside each answer does not
///   change their proportions.
/// - `policy` has the keys go through that policy alone, with no cache around it.
/// - `seed` decides which keys the cache samples.
@main
struct CacheReplay {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let isSynthetic = arguments.contains("--synthetic-sizes")
        arguments.removeAll { $0 == "--synthetic-sizes" }
        let seed = arguments.compactMap { $0.hasPrefix("seed=") ? UInt64($0.dropFirst(5)) : nil }.last ?? 1
        arguments.removeAll { $0.hasPrefix("seed=") }
        let policy = arguments.compactMap { $0.hasPrefix("policy=") ? PolicyReplay.Policy(String($0.dropFirst(7))) : nil }.last
        arguments.removeAll { $0.hasPrefix("policy=") }
        let unit = arguments.compactMap { $0.hasPrefix("unit=") ? Int($0.dropFirst(5)) : nil }.last ?? 1000
        arguments.removeAll { $0.hasPrefix("unit=") }
        let maxBytes = arguments.compactMap { $0.hasPrefix("maxBytes=") ? Int($0.dropFirst(9)) : nil }.last
        arguments.removeAll { $0.hasPrefix("maxBytes=") }
        let name = arguments.isEmpty ? "trace" : arguments.removeFirst()
        let fractions = arguments.isEmpty ? [0.001, 0.01, 0.05, 0.1, 0.2] : arguments.compactMap(Double.init)
        var trace = Trace.read()
        if isSynthetic { trace.sizes = trace.keys.map { Trace.syntheticSize($0) } }
        let objects = Set(trace.keys).count
        var line = name
        if let maxBytes {
            let result = Replay(trace, seed: seed, unit: unit).replay(maxBytes: maxBytes)
            return print("\(name)  \(maxBytes) B: \(percent(result.hitRatio)) (\(result.entries))")
        }
        for fraction in fractions where trace.isSized || Double(objects) * fraction >= 9.5 {
            if let policy {
                line += "  \(fraction): \(percent(trace.hitRatio(of: policy, fraction)))"
                continue
            }
            let result = Replay(trace, seed: seed, unit: unit).run(fraction)
            line += "  \(fraction): \(percent(result.hitRatio)) (\(result.entries), \(result.nanoseconds) ns, \(result.maxBytes) B)"
        }
        print(line)
    }

    static func percent(_ ratio: Double) -> String {
        let tenths = Int((ratio * 10000).rounded())
        return "\(tenths / 100).\(tenths % 100 < 10 ? "0" : "")\(tenths % 100)"
    }
}

struct Trace {
    var keys: [Int] = []
    var sizes: [Int] = []

    var isSized: Bool { sizes.contains { $0 != 1 } }

    /// The part that hits under a policy that may keep this fraction of the bytes of all objects.
    func hitRatio(of policy: PolicyReplay.Policy, _ fraction: Double) -> Double {
        var objects: [Int: Int] = [:]
        for (key, size) in zip(keys, sizes) { objects[key] = size }
        let budget = Int(Double(objects.values.reduce(0, +)) * fraction)
        var replay = PolicyReplay(policy, budget: budget, entries: Int(Double(objects.count) * fraction))
        var hits = 0
        for (key, size) in zip(keys, sizes) where replay.use(UInt64(key), size: size) { hits += 1 }
        return Double(hits) / Double(max(keys.count, 1))
    }

    /// From standard input.
    static func read() -> Trace {
        var trace = Trace()
        var number = 0
        var numbers: [Int] = []
        var isInNumber = false
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = CLinux.read(0, &buffer, buffer.count)
            if count <= 0 { break }
            for byte in buffer[0..<count] {
                if byte >= 48, byte <= 57 {
                    number = number * 10 + Int(byte - 48)
                    isInNumber = true
                } else if isInNumber {
                    numbers.append(number)
                    number = 0
                    isInNumber = false
                }
            }
        }
        for index in stride(from: 0, to: numbers.count - 1, by: 2) {
            trace.keys.append(numbers[index])
            trace.sizes.append(numbers[index + 1])
        }
        return trace
    }

    /// A heavy-tailed size from 256 bytes to 8 MiB, a function of the key alone.
    static func syntheticSize(_ key: Int) -> Int {
        var hash = UInt64(key) &+ 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        let base = 256 << min(hash.trailingZeroBitCount, 14)
        return base + Int((hash >> 40) % UInt64(base))
    }
}

struct Replay {
    let trace: Trace
    let isSized: Bool
    let seed: UInt64
    private static let now: UInt64 = 1_000_000_000
    private static let strategy = Cache.Strategy(ttl: CacheLimit.windowSeconds)
    /// What an object of size 1 weighs.
    private let unit: Int

    init(_ trace: Trace, seed: UInt64, unit: Int) {
        self.seed = seed
        self.unit = unit
        self.trace = trace
        isSized = trace.isSized
    }

    func run(_ fraction: Double) -> (hitRatio: Double, nanoseconds: Int, entries: Int, maxBytes: Int) {
        let wanted = Int(Double(allBytes()) * fraction)
        // Tables grow with what is in them, so the budget is found by trying.
        var maxBytes = wanted + 1 << 16
        var result = (hitRatio: 0.0, nanoseconds: 0, entries: 0, entryBytes: 0)
        var resultBytes = 0
        for attempt in 0..<8 {
            let tried = replay(maxBytes: maxBytes)
            let missing = wanted - tried.entryBytes
            if attempt == 0 || abs(missing) < abs(wanted - result.entryBytes) { (result, resultBytes) = (tried, maxBytes) }
            if abs(missing) * 200 <= wanted { break }
            maxBytes += attempt < 2 ? missing : missing / 2
        }
        return (result.hitRatio, result.nanoseconds, result.entries, resultBytes)
    }

    /// What all objects take together.
    private func allBytes() -> Int {
        var seen: Set<Int> = []
        var sum = 0
        var cache = Cache(Cache.Configuration(maxBytes: .max, maxEntryBytes: .max, seed: 1))
        for (key, size) in zip(trace.keys, trace.sizes) where seen.insert(key).inserted {
            _ = ask(cache, key, size)
            // Why in parts: a cache has a limit of its own, and these objects may be more.
            if seen.count % 10_000 == 0 {
                sum += entryBytes(cache)
                cache = Cache(Cache.Configuration(maxBytes: .max, maxEntryBytes: .max, seed: 1))
            }
        }
        return sum + entryBytes(cache)
    }

    private func entryBytes(_ cache: Cache) -> Int {
        let statistics = cache.statistics()
        return statistics.bytes - statistics.tableBytes
    }

    func replay(maxBytes: Int) -> (hitRatio: Double, nanoseconds: Int, entries: Int, entryBytes: Int) {
        let cache = Cache(Cache.Configuration(maxBytes: maxBytes, maxEntryBytes: maxBytes, seed: seed))
        var hits = 0
        var begin = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin)
        for (key, size) in zip(trace.keys, trace.sizes) where ask(cache, key, size) { hits += 1 }
        var end = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        // What waits for readers to let go counts no more.
        _ = cache.sweep(limit: 0, now: Self.now)
        cache.checkInvariants()
        let nanoseconds = (end.tv_sec - begin.tv_sec) * 1_000_000_000 + end.tv_nsec - begin.tv_nsec
        return (
            Double(hits) / Double(trace.keys.count), nanoseconds / trace.keys.count, cache.statistics().entries,
            cache.statistics().bytes - cache.statistics().tableBytes
        )
    }

    /// One request, as the engine makes it; true for a hit.
    private func ask(_ cache: Cache, _ key: Int, _ size: Int) -> Bool {
        withUnsafeBytes(of: (key.bigEndian, 0x7465_7874, key, 0)) { text in
            if let hit = cache.hit(text: text, now: Self.now) {
                hit.pin.release()
                return true
            }
            let read = Cache.Read(
                key: UnsafeRawBufferPointer(rebasing: text[0..<8]), text: text, strategy: Self.strategy)
            switch cache.lookup(read, now: Self.now) {
            case .hit(let hit):
                hit.pin.release()
                return true
            case .lead(let lead):
                let bytes = isSized ? size * 16 : unit
                guard let block = malloc(bytes + 1) else { return false }
                let answer = Cache.Answer(
                    bytes: block, size: bytes, lastModified: 0, signature: Cache.Signature(high: 0, low: 0))!
                lead.complete(answer, now: Self.now).pin.release()
                return false
            case .join: return false
            }
        }
    }
}
