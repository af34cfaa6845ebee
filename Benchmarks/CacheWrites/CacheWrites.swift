import CLimit
import CLinux
import Cache

/// Measures what is not a hit: insertions into a full cache, invalidations, the return of memory, bytes an entry.
///
///     CacheWrites [entries=100000] [answer=1000] [rounds=2] [insertions | footprint]
@main
struct CacheWrites {
    static func main() {
        var entries = 100_000
        var answer = 1000
        var rounds = 2
        for argument in CommandLine.arguments.dropFirst() {
            if argument == "insertions" { return measureInsertions(entries, answer, rounds) }
            if argument == "footprint" { return measureFootprint() }
            let parts = argument.split(separator: "=")
            guard parts.count == 2, let value = Int(parts[1]) else { continue }
            switch parts[0] {
            case "entries": entries = value
            case "answer": answer = value
            default: rounds = value
            }
        }
        measureMemory(entries, answer)
        measureInsertions(entries, answer, rounds)
        measureInvalidations(entries)
        measureSweep(entries, answer)
        measureFootprint()
    }

    static let now: UInt64 = 1_000_000_000
    static let tags = [Cache.Tag("one"), Cache.Tag("two"), Cache.Tag("three")]
    static let textSize = 240
    static let keySize = 100

    /// A miss on a new key, with an answer of `size` bytes.
    static func insert(_ cache: Cache, _ number: Int, _ size: Int, tags: [Cache.Tag] = tags) {
        withUnsafeTemporaryAllocation(byteCount: textSize, alignment: 8) { text in
            memset(text.baseAddress!, 120, textSize)
            text.storeBytes(of: number, toByteOffset: 8, as: Int.self)
            let read = Cache.Read(
                key: UnsafeRawBufferPointer(rebasing: text[0..<keySize]), text: UnsafeRawBufferPointer(text),
                strategy: Cache.Strategy(ttl: 3600, tags: tags))
            let outcome = cache.lookup(read, now: now)
            if case .hit(let hit) = outcome { hit.pin.release() }
            guard case .lead(let lead) = outcome, let block = malloc(size + 1) else { return }
            // Somebody has written it.
            memset(block, 120, size + 1)
            let answer = Cache.Answer(
                bytes: block, size: size, lastModified: 0, signature: Cache.Signature(high: 0, low: 0))!
            lead.complete(answer, now: now).pin.release()
        }
    }

    static func time(_ clock: clockid_t = CLOCK_THREAD_CPUTIME_ID) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    static func measureMemory(_ entries: Int, _ answer: Int) {
        let cache = Cache(Cache.Configuration(maxBytes: entries * (answer + 1000)))
        // Sizes on all sides of the allocator's grain.
        var own = (textSize + keySize) * entries
        for number in 0..<entries {
            insert(cache, number, answer + number % 64)
            own += answer + number % 64
        }
        let statistics = cache.statistics()
        print(
            "memory: \((statistics.bytes - own) / entries) bytes an entry with three tags beyond text, key and answer,",
            "of them \(statistics.tableBytes / entries) in tables")
    }

    static func measureInsertions(_ entries: Int, _ answer: Int, _ rounds: Int) {
        let cache = Cache(Cache.Configuration(maxBytes: entries * (answer + textSize + keySize + 200)))
        for number in 0..<(2 * entries) { insert(cache, number, answer) }
        var each: [Int] = []
        each.reserveCapacity(entries)
        let evictions = cache.statistics().evictions
        let begin = time()
        for number in 0..<entries * rounds { insert(cache, 10 * entries + number, answer) }
        let mean = (time() - begin) / (entries * rounds)
        let evicted = cache.statistics().evictions - evictions
        for number in 0..<entries {
            let begin = time(CLOCK_MONOTONIC)
            insert(cache, 3 * entries + number, answer)
            each.append(time(CLOCK_MONOTONIC) - begin)
        }
        each.sort()
        let limit = Int(limit_insert(entries, textSize, answer))
        print(
            "insertions: \(mean) ns of CPU on the mean, lookup, flight, allocation and eviction (\(evicted) of \(entries * rounds)) together; C that does nothing else: \(limit) ns;",
            "p50 \(each[entries / 2]), p99 \(each[entries * 99 / 100]), p99.9 \(each[entries * 999 / 1000]) ns")
    }

    static func measureInvalidations(_ entries: Int) {
        for count in [0, entries] {
            let cache = Cache(Cache.Configuration(maxBytes: 1 << 40))
            for number in 0..<count { insert(cache, number, 10) }
            let begin = time()
            for _ in 0..<100_000 { cache.invalidate(tags: tags) }
            print("invalidations: \((time() - begin) / 100_000) ns for three tags of \(count) entries")
        }
    }

    static func measureSweep(_ entries: Int, _ answer: Int) {
        let before = resident()
        let cache = Cache(Cache.Configuration(maxBytes: 1 << 40))
        for number in 0..<entries { insert(cache, number, answer) }
        let full = resident()
        cache.invalidateAll()
        // Why one: all may be gone after the first look.
        var steps = [0]
        var last = 0
        let begin = time(CLOCK_MONOTONIC)
        for step in 1... {
            let begin = time()
            let isMore = cache.sweep(limit: 50, now: now)
            last = time() - begin
            if !isMore { break }
            steps.append(last)
            // As the library's housekeeper does.
            if step % 20 == 0 { usleep(100) }
        }
        steps.sort()
        print(
            "sweep: \(entries) dead entries gone in \((time(CLOCK_MONOTONIC) - begin) / 1000) µs,",
            "a step p99 \(steps[steps.count * 99 / 100] / 1000), p99.9 \(steps[steps.count * 999 / 1000] / 1000), at most \(steps[steps.count - 1] / 1000) µs of CPU,",
            "giving the memory back \(last / 1000) µs;",
            "\(cache.statistics().entries) left; resident \(before) kB before, \(full) full, \(resident()) after")
    }

    /// What the process takes for a budget of 64 MiB, after ten million operations with answers of 100 bytes to 100 kB.
    static func measureFootprint() {
        let before = resident()
        let budget = 64 << 20
        let cache = Cache(Cache.Configuration(maxBytes: budget))
        var most = 0
        var state: UInt64 = 88_172_645_463_325_252
        func random(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        for operation in 0..<10_000_000 {
            let number = random(1 << (4 + random(16)))
            insert(cache, number, 100 << (number % 11), tags: [tags[number % 3]])
            if operation % 100_000 == 0 {
                if operation % 1_000_000 == 0 { cache.invalidate(tags: [tags[random(3)]]) }
                while cache.sweep(now: now) {}
                most = max(most, resident() - before)
            }
        }
        let statistics = cache.statistics()
        print(
            "footprint: budget \(budget >> 10) kB, accounted \(statistics.bytes >> 10) kB of \(statistics.entries) entries, tables",
            "\(statistics.tableBytes >> 10) kB, the arena \(statistics.arenaBytes >> 10) kB; resident at most \(most) kB more than before")
    }

    /// The process's memory, in kB.
    static func resident() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        fgets(&line, 128, file)
        let words = line.prefix { $0 != 0 }.split(separator: 32).map { $0.reduce(0) { $0 * 10 + Int($1) - 48 } }
        return words.count > 1 ? words[1] * 4 : 0
    }
}
