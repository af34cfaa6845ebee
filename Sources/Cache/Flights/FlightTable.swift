/// The queries that a read may join, by key: a hash table of chains that grows with the number of queries.
struct FlightTable {
    private var buckets = FlightTable.makeBuckets(16)
    private var count = 0

    private static func makeBuckets(_ count: Int) -> UnsafeMutableBufferPointer<InflightQueryPointer?> {
        let buckets = UnsafeMutableBufferPointer<InflightQueryPointer?>.allocate(capacity: count)
        buckets.initialize(repeating: nil)
        return buckets
    }

    func deallocate() { buckets.deallocate() }

    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count - 1) }

    func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> InflightQueryPointer? {
        var query = buckets[bucket(hash)]
        while let known = query, known.pointee.keyHash != hash || !Bytes.areEqual(known.pointee.key, key) { query = known.pointee.next }
        return query
    }

    /// Makes it the query of its key. A former query goes on for those who joined it, but no caller joins it any more.
    mutating func insert(_ query: InflightQueryPointer) {
        if let older = find(query.pointee.key, query.pointee.keyHash) { remove(older) }
        if count == buckets.count { grow() }
        link(query)
        count += 1
    }

    /// Removes the query, if it is still there.
    mutating func remove(_ query: InflightQueryPointer) {
        let bucket = bucket(query.pointee.keyHash)
        var before: InflightQueryPointer?
        var link = buckets[bucket]
        while let known = link, known != query {
            before = known
            link = known.pointee.next
        }
        if link == nil { return }
        if let before { before.pointee.next = query.pointee.next } else { buckets[bucket] = query.pointee.next }
        query.pointee.next = nil
        count -= 1
    }

    /// Removes all queries, and calls `body` with each.
    mutating func removeAll(_ body: (InflightQueryPointer) -> Void) {
        for bucket in buckets.indices {
            while let query = buckets[bucket] {
                remove(query)
                body(query)
            }
        }
    }

    private func link(_ query: InflightQueryPointer) {
        let bucket = bucket(query.pointee.keyHash)
        query.pointee.next = buckets[bucket]
        buckets[bucket] = query
    }

    private mutating func grow() {
        let smaller = buckets
        buckets = FlightTable.makeBuckets(smaller.count * 2)
        for head in smaller {
            var query = head
            while let known = query {
                query = known.pointee.next
                link(known)
            }
        }
        smaller.deallocate()
    }
}
