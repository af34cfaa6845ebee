/// The flights that a read may join, by key: chains in buckets, as many buckets as there are flights at most.
struct Flights {
    private var buckets: [Cache.Flight?] = Array(repeating: nil, count: 16)
    private var count = 0

    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count - 1) }

    func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Cache.Flight? {
        if count == 0 { return nil }
        var flight = buckets[bucket(hash)]
        while let candidate = flight {
            if candidate.keyHash == hash, Bytes.areEqual(candidate.key, key) { return candidate }
            flight = candidate.next
        }
        return nil
    }

    /// Makes it the flight of its key. One that was, goes on for those who joined it; nobody joins it any more.
    mutating func insert(_ flight: Cache.Flight) {
        if let older = find(flight.key, flight.keyHash) { remove(older) }
        if count == buckets.count { grow() }
        link(flight)
        count += 1
    }

    /// Takes it out, if it is still in.
    mutating func remove(_ flight: Cache.Flight) {
        let bucket = bucket(flight.keyHash)
        guard var known = buckets[bucket] else { return }
        if known === flight {
            buckets[bucket] = flight.next
        } else {
            while let next = known.next, next !== flight { known = next }
            if known.next == nil { return }
            known.next = flight.next
        }
        flight.next = nil
        count -= 1
    }

    /// Takes all out.
    mutating func removeAll() -> [Cache.Flight] {
        var all: [Cache.Flight] = []
        for head in buckets {
            var flight = head
            while let one = flight {
                all.append(one)
                flight = one.next
                one.next = nil
            }
        }
        self = Flights()
        return all
    }

    private mutating func link(_ flight: Cache.Flight) {
        let bucket = bucket(flight.keyHash)
        flight.next = buckets[bucket]
        buckets[bucket] = flight
    }

    private mutating func grow() {
        let size = buckets.count * 2
        let all = removeAll()
        buckets = Array(repeating: nil, count: size)
        for flight in all { link(flight) }
        count = all.count
    }
}

extension Cache.Flight {
    /// Adds tags that it does not have yet; they are those of the entry that it will make.
    func add(_ tags: [Cache.Tag]) {
        for tag in tags where !self.tags.contains(tag) { self.tags.append(tag) }
    }
}
