import Testing

@testable import Postgres

/// What a connection keeps prepared.
@Suite struct StatementCacheTests {
    @Test func `the least recently used give way, and are to be deallocated`() {
        var cache = StatementCache(capacity: 2)
        let entries = [cache.makeEntry(), cache.makeEntry()]
        cache.insert(entries[0], for: 1)
        cache.insert(entries[1], for: 2)
        _ = cache.find(1)
        cache.insert(cache.makeEntry(), for: 3)
        let found = [1, 2, 3].map { cache.find($0) != nil }
        #expect(found == [true, false, true])
        let pendingDeallocations = cache.takePendingDeallocations().map { String(cString: $0.name) }
        #expect(pendingDeallocations == [String(cString: entries[1].name)])
        let left = cache.takePendingDeallocations().count
        #expect(left == 0)
    }

    @Test func `no name is used twice, not after all was forgotten, and not by another connection`() {
        var cache = StatementCache(capacity: 3)
        var names: Set<String> = []
        for number in 0..<20 as Range<UInt64> {
            let entry = cache.makeEntry()
            names.insert(String(cString: entry.name))
            cache.insert(entry, for: number % 5)
            if number % 7 == 0 { cache.removeAll() }
            let count = cache.count
            #expect(count <= 3)
        }
        var another = StatementCache(capacity: 3)
        for _ in 0..<20 {
            let entry = another.makeEntry()
            names.insert(String(cString: entry.name))
            another.insert(entry, for: 1)
        }
        #expect(names.count == 40)
    }

    @Test func `what is removed or replaced is deallocated; what the server has forgotten is not`() {
        var cache = StatementCache(capacity: 3)
        cache.insert(cache.makeEntry(), for: 1)
        cache.insert(cache.makeEntry(), for: 1)
        cache.remove(1)
        let pendingDeallocations = cache.takePendingDeallocations().count
        #expect(pendingDeallocations == 2)
        cache.insert(cache.makeEntry(), for: 1)
        cache.removeAll()
        let afterwards = cache.takePendingDeallocations().count
        #expect(afterwards == 0)
    }
}
