/// The flights that a read may join, by key.
struct Flights {
    private var byHash: [UInt64: Cache.Flight] = [:]

    func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Cache.Flight? {
        var flight = byHash[hash]
        while let candidate = flight {
            if candidate.key.withUnsafeBytes({ Bytes.areEqual($0, key) }) { return candidate }
            flight = candidate.next
        }
        return nil
    }

    /// Makes it the flight of its key. One that was, goes on for those who joined it; nobody joins it any more.
    mutating func insert(_ flight: Cache.Flight) {
        if let older = flight.key.withUnsafeBytes({ find($0, flight.keyHash) }) { remove(older) }
        flight.next = byHash[flight.keyHash]
        byHash[flight.keyHash] = flight
    }

    /// Takes it out, if it is still in.
    mutating func remove(_ flight: Cache.Flight) {
        guard var known = byHash[flight.keyHash] else { return }
        if known === flight {
            byHash[flight.keyHash] = flight.next
        } else {
            while let next = known.next, next !== flight { known = next }
            if known.next != nil { known.next = flight.next }
        }
        flight.next = nil
    }

    /// Takes all out.
    mutating func removeAll() -> [Cache.Flight] {
        var all: [Cache.Flight] = []
        for head in byHash.values {
            var flight: Cache.Flight? = head
            while let one = flight {
                all.append(one)
                flight = one.next
                one.next = nil
            }
        }
        byHash.removeAll()
        return all
    }
}

extension Cache.Flight {
    /// Adds tags that it does not have yet; they are those of the entry that it will make.
    func add(_ tags: [Cache.Tag]) {
        for tag in tags where !self.tags.contains(tag) { self.tags.append(tag) }
    }
}
