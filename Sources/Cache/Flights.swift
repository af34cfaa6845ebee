/// The flights that a read may join, by key: chains in buckets, as many buckets as there are flights at most.
///
/// Why `Unmanaged`: to walk a chain counts no references. Nor has the table any: whoever leads a flight keeps it, and ends it, which takes it
/// out, before he lets go.
struct Flights {
    private typealias Link = Unmanaged<Cache.Flight>

    private var buckets: [Link?] = Array(repeating: nil, count: 16)
    private var count = 0

    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count - 1) }

    func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Cache.Flight? {
        if count == 0 { return nil }
        var link = buckets[bucket(hash)]
        while let candidate = link {
            let isWanted = candidate._withUnsafeGuaranteedRef { flight in
                link = flight.next
                return flight.keyHash == hash && Bytes.areEqual(flight.key, key)
            }
            if isWanted { return candidate.takeUnretainedValue() }
        }
        return nil
    }

    /// Makes it the flight of its key. One that was, goes on for those who joined it; nobody joins it any more.
    mutating func insert(_ flight: Cache.Flight) {
        if let older = find(flight.key, flight.keyHash) { remove(older) }
        if count == buckets.count { grow() }
        link(.passUnretained(flight), flight.keyHash)
        count += 1
    }

    /// Takes it out, if it is still in.
    mutating func remove(_ flight: Cache.Flight) {
        let wanted = Link.passUnretained(flight)
        let bucket = bucket(flight.keyHash)
        var before: Link?
        var link = buckets[bucket]
        while let known = link, known.toOpaque() != wanted.toOpaque() {
            before = known
            link = known._withUnsafeGuaranteedRef { $0.next }
        }
        if link == nil { return }
        let next = flight.next
        flight.next = nil
        if let before { before._withUnsafeGuaranteedRef { $0.next = next } } else { buckets[bucket] = next }
        count -= 1
    }

    /// Takes all out.
    mutating func removeAll() -> [Cache.Flight] {
        defer { self = Flights() }
        return takeAll().map { $0.takeUnretainedValue() }
    }

    /// The links of all chains, which lead nowhere any more.
    private func takeAll() -> [Link] {
        var all: [Link] = []
        for head in buckets {
            var link = head
            while let one = link {
                all.append(one)
                one._withUnsafeGuaranteedRef { flight in
                    link = flight.next
                    flight.next = nil
                }
            }
        }
        return all
    }

    private mutating func link(_ link: Link, _ hash: UInt64) {
        let bucket = bucket(hash)
        link._withUnsafeGuaranteedRef { $0.next = buckets[bucket] }
        buckets[bucket] = link
    }

    private mutating func grow() {
        let all = takeAll()
        buckets = Array(repeating: nil, count: buckets.count * 2)
        for one in all { link(one, one._withUnsafeGuaranteedRef { $0.keyHash }) }
    }
}

extension Cache.Flight {
    /// Adds tags that it does not have yet; they are those of the entry that it will make.
    func add(_ tags: [Cache.Tag]) {
        for tag in tags where !self.tags.contains(tag) { self.tags.append(tag) }
    }
}
