import CLimit
import CLinux
import Cache

/// Measures hits beside what C can do, in one run: CPU time of a hit and of giving it back.
///
///     CacheHits [entries=10000] [threads=1] [rounds=7] [operations=1000000] [uniform]
///
/// Requests have about 250 bytes, answers 1 KB; keys follow a zipf law (0.99) unless `uniform`. Rounds of all contestants take
/// turns; figures are medians in nanoseconds, less what the loop itself costs; ratios are medians of the ratios within a round.
@main
struct CacheHits {
    static func main() {
        var options = Options()
        for argument in CommandLine.arguments.dropFirst() { options.read(argument) }
        let load = Load(options)
        let contestants: [any Contestant] = [
            Limit("limit_spin", limit_spin_open, limit_spin_put, limit_spin_get, limit_spin_free, load),
            Limit("limit_best", limit_best_open, limit_best_put, limit_best_get, limit_best_free, load),
            Accelerant(load),
        ]
        var times = contestants.map { _ in [Double]() }
        var walls = contestants.map { _ in [Double]() }
        for _ in 0..<options.rounds {
            for (index, contestant) in contestants.enumerated() {
                let (cpu, wall) = load.measure(contestant)
                times[index].append(cpu)
                walls[index].append(wall)
            }
        }
        print("entries \(options.entries), threads \(options.threads), \(options.isUniform ? "uniform" : "zipf 0.99")")
        for (index, contestant) in contestants.enumerated() {
            let spin = median(zip(times[index], times[0]).map { $0 / $1 })
            let best = median(zip(times[index], times[1]).map { $0 / $1 })
            print(
                "  \(contestant.name): cpu \(round(median(times[index]))) ns (least \(round(times[index].min() ?? 0))),",
                "wall per hit of all threads \(round(median(walls[index]))) ns,",
                "\(percent(spin)) of limit_spin, \(percent(best)) of limit_best")
        }
    }

    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    static func round(_ value: Double) -> Double { (value * 10).rounded() / 10 }
    static func percent(_ ratio: Double) -> String { "\(Int((ratio * 100).rounded())) %" }
}

struct Options {
    var entries = 10_000
    var threads = 1
    var rounds = 7
    var operations = 1_000_000
    var isUniform = false

    mutating func read(_ argument: String) {
        let parts = argument.split(separator: "=")
        let value = parts.count > 1 ? Int(parts[1]) : nil
        switch (parts.first, value) {
        case ("entries", let value?): entries = value
        case ("threads", let value?): threads = value
        case ("rounds", let value?): rounds = value
        case ("operations", let value?): operations = value
        case ("uniform", _): isUniform = true
        default: break
        }
    }
}

/// One who answers requests.
protocol Contestant: Sendable {
    var name: String { get }
    /// Answers `count` requests, each copied into a hot buffer first, as a program would have just written it.
    func run(_ load: Load, _ order: [UInt32], _ count: Int)
}

/// The cache of this package.
struct Accelerant: Contestant {
    let name = "accelerant"
    private let cache = Cache(Cache.Configuration(maxBytes: 4 << 30, maxEntryBytes: 1 << 20))

    init(_ load: Load) {
        let strategy = Cache.Strategy(ttl: 60, swr: 60, tags: [Cache.Tag("emails_with_alice")])
        for index in 0..<load.options.entries {
            let read = Cache.Read(key: load.key(index), text: load.text(index), strategy: strategy)
            guard case .lead(let lead) = cache.lookup(read, now: Self.now()), let block = malloc(load.answerSize + 1) else {
                continue
            }
            memset(block, 120, load.answerSize + 1)
            let answer = Cache.Answer(
                bytes: block, size: load.answerSize, lastModified: 0, signature: Cache.Signature(high: 1, low: 2))!
            lead.complete(answer, now: Self.now()).pin.release()
        }
    }

    @inline(__always)
    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }

    func run(_ load: Load, _ order: [UInt32], _ count: Int) {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 512, alignment: 64)
        var request: UInt64 = 0
        for index in 0..<count {
            let text = load.text(Int(order[index & (Load.orderLength - 1)]))
            memcpy(buffer, text.baseAddress!, text.count)
            guard let hit = cache.hit(text: UnsafeRawBufferPointer(start: buffer, count: text.count), now: Self.now()) else {
                fatalError("a miss")
            }
            // What a reply notes.
            hit.pin.payload.storeBytes(of: request, as: UInt64.self)
            hit.pin.payload.storeBytes(of: hit.status.rawValue, toByteOffset: 8, as: UInt8.self)
            request &+= UInt64(truncatingIfNeeded: hit.pin.data.count)
            hit.pin.release()
        }
        buffer.deallocate()
    }
}

/// A yardstick written in C.
struct Limit: Contestant, @unchecked Sendable {
    // Sendable because its functions may be called by any thread.
    typealias Get = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Int) -> UnsafeMutablePointer<limit_reply>?
    let name: String
    private let cache: UnsafeMutableRawPointer?
    private let get: Get
    private let free: @convention(c) (UnsafeMutablePointer<limit_reply>?) -> Void

    init(
        _ name: String, _ open: (UInt32) -> UnsafeMutableRawPointer?,
        _ put: (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Int, UnsafePointer<CChar>?, Int) -> Void,
        _ get: @escaping Get, _ free: @escaping @convention(c) (UnsafeMutablePointer<limit_reply>?) -> Void, _ load: Load
    ) {
        self.name = name
        self.get = get
        self.free = free
        cache = open(UInt32(load.options.entries))
        let answer = [CChar](repeating: 120, count: load.answerSize)
        for index in 0..<load.options.entries {
            let text = load.text(index)
            put(cache, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, answer, answer.count)
        }
    }

    func run(_ load: Load, _ order: [UInt32], _ count: Int) {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 512, alignment: 64)
        for index in 0..<count {
            let text = load.text(Int(order[index & (Load.orderLength - 1)]))
            memcpy(buffer, text.baseAddress!, text.count)
            guard let reply = get(cache, buffer.assumingMemoryBound(to: CChar.self), text.count) else { fatalError("a miss") }
            free(reply)
        }
        buffer.deallocate()
    }
}
