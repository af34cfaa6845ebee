/// The flights that a read may join, by key: chains in buckets, as many buckets as there are flights at most.
///
/// Why `Unmanaged`: to walk a chain counts no references. Nor has the table any: a lead is ended, which takes it out, before it is freed.
struct Flights {
    private typealias Link = Unmanaged<Cache.Lead>

    private var buckets = Flights.makeBuckets(16)
    private var count = 0

    private static func makeBuckets(_ count: Int) -> UnsafeMutableBufferPointer<Link?> {
        let buckets = UnsafeMutableBufferPointer<Link?>.allocate(capacity: count)
        buckets.initialize(repeating: nil)
        return buckets
    }

    func deallocate() { buckets.deallocate() }

    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count - 1) }

    func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Cache.Lead? {
        if count == 0 { return nil }
        var link = buckets[bucket(hash)]
        while let candidate = link {
            let isWanted = candidate._withUnsafeGuaranteedRef { lead in
                link = lead.next
                return lead.keyHash == hash && Bytes.areEqual(lead.key, key)
            }
            if isWanted { return candidate.takeUnretainedValue() }
        }
        return nil
    }

    /// Makes it the flight of its key. One that was, goes on for those who joined it; nobody joins it any more.
    mutating func insert(_ lead: Cache.Lead) {
        if let older = find(lead.key, lead.keyHash) { remove(older) }
        if count == buckets.count { grow() }
        link(.passUnretained(lead), lead.keyHash)
        count += 1
    }

    /// Takes it out, if it is still in.
    mutating func remove(_ lead: Cache.Lead) {
        let wanted = Link.passUnretained(lead)
        let bucket = bucket(lead.keyHash)
        var before: Link?
        var link = buckets[bucket]
        while let known = link, known.toOpaque() != wanted.toOpaque() {
            before = known
            link = known._withUnsafeGuaranteedRef { $0.next }
        }
        if link == nil { return }
        let next = lead.next
        lead.next = nil
        if let before { before._withUnsafeGuaranteedRef { $0.next = next } } else { buckets[bucket] = next }
        count -= 1
    }

    /// Takes all out, and calls `body` with each.
    mutating func removeAll(_ body: (Cache.Lead) -> Void) {
        for link in takeAll() { link._withUnsafeGuaranteedRef(body) }
        buckets.deallocate()
        self = Flights()
    }

    /// The links of all chains, which lead nowhere any more.
    private func takeAll() -> [Link] {
        var all: [Link] = []
        for head in buckets {
            var link = head
            while let one = link {
                all.append(one)
                one._withUnsafeGuaranteedRef { lead in
                    link = lead.next
                    lead.next = nil
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
        let larger = Flights.makeBuckets(buckets.count * 2)
        buckets.deallocate()
        buckets = larger
        for one in all { link(one, one._withUnsafeGuaranteedRef { $0.keyHash }) }
    }
}
