import CLinux
import Synchronization
import Testing

@testable import Cache

/// The table from hashes to names of blocks, and the record of invalidations.
@Suite struct IndexTests {
    /// Names that are their own hashes, crowded so that buckets overflow.
    private struct Crowded: BlockIndexContent {
        func hash(of id: UInt32) -> UInt64 { Self.hash(id) }
        static func hash(_ id: UInt32) -> UInt64 { UInt64(id % 97) << 25 | UInt64(id) << 48 }
    }

    private static func has(_ view: IndexView, _ id: UInt32, _ hash: UInt64) -> Bool {
        view.first(hash) { $0.pointee.load(ordering: .relaxed) == id ? true : nil } ?? false
    }

    @Test(arguments: PagesTests.kinds) func `what was inserted is found until it is removed through all sizes`(pages: PagesTests.Kind) {
        var index = BlockIndex(Crowded(), pages.pages)
        defer { index.deallocate() }
        var random = Random()
        var known: Set<UInt32> = []
        for _ in 0..<20_000 {
            let id = UInt32(1 + random.below(3000))
            let hash = Crowded.hash(id)
            if known.remove(id) != nil {
                index.remove(id, hash: hash)
                #expect(!Self.has(index.view, id, hash))
            } else {
                let isIn = index.insert(id, hash: hash)
                #expect(isIn)
                known.insert(id)
                #expect(Self.has(index.view, id, hash))
            }
        }
        for id in known { #expect(Self.has(index.view, id, Crowded.hash(id))) }
    }

    /// Hashes as they are.
    private struct Spread: BlockIndexContent {
        func hash(of id: UInt32) -> UInt64 { Hash.mix(UInt64(id)) }
    }

    @Test(arguments: PagesTests.kinds) func `a table grows with what is in it and shrinks again and again`(pages: PagesTests.Kind) {
        var index = BlockIndex(Spread(), pages.pages)
        defer { index.deallocate() }
        func has(_ id: UInt32) -> Bool { Self.has(index.view, id, Hash.mix(UInt64(id))) }
        let ids = (1...200_000).map { UInt32($0) }
        for _ in 0..<3 {
            for id in ids {
                let isIn = index.insert(id, hash: Hash.mix(UInt64(id)))
                #expect(isIn)
            }
            #expect(index.size < 200_000 * 10)
            #expect(ids.allSatisfy(has))
            for id in ids.dropLast(1000) { index.remove(id, hash: Hash.mix(UInt64(id))) }
            #expect(index.size < 100_000)
            #expect(ids.suffix(1000).allSatisfy(has) && !ids.prefix(1000).contains(where: has))
            for id in ids.suffix(1000) { index.remove(id, hash: Hash.mix(UInt64(id))) }
        }
    }

    /// Names that all want the bucket before one of those from which on memory goes back in one piece.
    private struct AtAnEdge: BlockIndexContent {
        static let crowd: Range<UInt32> = 1..<31
        static let (bucket, buckets) = (32_767, 49_152)
        func hash(of id: UInt32) -> UInt64 { Self.hash(id) }
        static func hash(_ id: UInt32) -> UInt64 {
            if !crowd.contains(id) { return Hash.mix(UInt64(id)) }
            return UInt64((bucket << 32 + buckets - 1) / buckets) | UInt64(id) << 56
        }
    }

    @Test(arguments: PagesTests.kinds) func `what went on from a bucket is found when the memory of that goes back`(pages: PagesTests.Kind) {
        var index = BlockIndex(AtAnEdge(), pages.pages)
        defer { index.deallocate() }
        var missed = 0
        for id in UInt32(1)...545_000 {
            let isIn = index.insert(id, hash: AtAnEdge.hash(id))
            #expect(isIn)
            if index.view.previous == 0 || IndexView.buckets(of: index.view.previous) < AtAnEdge.buckets { continue }
            for id in AtAnEdge.crowd where !Self.has(index.view, id, AtAnEdge.hash(id)) { missed += 1 }
        }
        #expect(missed == 0 && index.view.previous == 0)
        for id in AtAnEdge.crowd {
            index.remove(id, hash: AtAnEdge.hash(id))
            #expect(!Self.has(index.view, id, AtAnEdge.hash(id)))
        }
    }

    @Test func `a bucket finds a tag in each of its slots and no other`() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: Bucket.size, alignment: 64)
        defer { memory.deallocate() }
        var random = Random(seed: 3)
        for _ in 0..<2000 {
            memset(memory, 0, Bucket.size)
            let bucket = Bucket(at: memory)
            // Few different ones, and those next to each other: what a search of all at once could take for one another.
            let tags = (0..<Bucket.slots).map { _ in UInt64([0, 1, 2, 0x7F, 0x80, 0x81, 0xFE, 0xFF][random.below(8)]) }
            for (number, tag) in tags.enumerated() {
                let isIn = bucket.put(UInt32(number + 1), tag << 56 | 77)
                #expect(isIn)
            }
            let isFull = !bucket.put(99, 0)
            #expect(isFull)
            bucket.pass(3)
            for tag: UInt64 in [0, 1, 2, 3, 0x7F, 0x80, 0x81, 0xFE, 0xFF] {
                var found: [Int] = []
                var matches = bucket.matches(tag << 56)
                while !matches.isEmpty { found.append(matches.popFirst()) }
                #expect(found.sorted() == tags.indices.filter { tags[$0] == tag })
            }
            #expect(bucket.passed == 3)
        }
    }

    @Test func `a bucket has room again for what was taken out`() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: Bucket.size, alignment: 64)
        defer { memory.deallocate() }
        memset(memory, 0, Bucket.size)
        let bucket = Bucket(at: memory)
        var random = Random(seed: 4)
        var ids: [UInt32: UInt64] = [:]
        for id in UInt32(1)...10_000 {
            if ids.count == Bucket.slots, let (gone, hash) = ids.randomElement() {
                let isOther = bucket.take(gone, ~hash)
                #expect(!isOther, "another hash does not lead to it")
                let isTaken = bucket.take(gone, hash)
                #expect(isTaken)
                ids[gone] = nil
            }
            let hash = UInt64(random.below(3)) << 56
            let isIn = bucket.put(id, hash)
            #expect(isIn)
            ids[id] = hash
        }
    }

    @Test func `a bucket that more went on from than it can count never forgets that some did`() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: Bucket.size, alignment: 64)
        defer { memory.deallocate() }
        memset(memory, 0, Bucket.size)
        let bucket = Bucket(at: memory)
        for _ in 0..<70_000 { bucket.pass(1) }
        for _ in 0..<70_000 { bucket.pass(-1) }
        #expect(bucket.passed == .max)
        let isIn = bucket.put(7, 0)
        #expect(isIn, "the slots beside the count are as they were")
    }

    @Test func `a record that overflows forgets to the safe side`() {
        let publishedState = PublishedState()
        let invalidations = Invalidations(size: 64, publishedState: publishedState)
        defer {
            invalidations.deallocate()
            publishedState.deallocate()
        }
        let tags = (0..<20).map { Cache.Tag("tag\($0)") }
        let stranger = Cache.Tag("stranger")
        let stamps = tags.map { tag in
            let readVersion = invalidations.currentVersion
            invalidations.record([tag])
            return readVersion
        }
        for (tag, readVersion) in zip(tags, stamps) { #expect(invalidations.areInvalidated([tag], after: readVersion)) }
        // The last seven are known exactly, what is unknown counts as old as the one before them.
        #expect(!invalidations.areInvalidated([tags[19]], after: stamps[19] + 1))
        #expect(!invalidations.areInvalidated([stranger], after: stamps[13]))
        #expect(invalidations.areInvalidated([stranger], after: stamps[12]))
    }

    @Test func `hashes of all lengths differ`() {
        var seen: Set<UInt64> = []
        let bytes = [UInt8](repeating: 0, count: 300)
        for length in 0...300 {
            let hash = bytes.withUnsafeBytes { Hash.of(UnsafeRawBufferPointer(rebasing: $0[0..<length]), seed: 9) }
            let isNew = seen.insert(hash).inserted
            #expect(isNew)
        }
        for position in 0..<300 {
            var changed = bytes
            changed[position] = 1
            let isNew = seen.insert(changed.withUnsafeBytes { Hash.of($0, seed: 9) }).inserted
            #expect(isNew)
        }
    }
}
