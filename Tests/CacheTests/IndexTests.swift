import CLinux
import Synchronization
import Testing

@testable import Cache

/// The table from hashes to names of blocks, and the record of invalidations.
@Suite struct IndexTests {
    /// Names that are their own hashes, crowded so that buckets overflow.
    private struct Crowded: IndexContent {
        func hash(of name: UInt32) -> UInt64 { Self.hash(name) }
        static func hash(_ name: UInt32) -> UInt64 { UInt64(name % 97) << 25 | UInt64(name) << 48 }
    }

    private static func has(_ view: IndexView, _ name: UInt32, _ hash: UInt64) -> Bool {
        view.first(hash) { $0.pointee.load(ordering: .relaxed) == name ? true : nil } ?? false
    }

    @Test(arguments: PagesTests.kinds) func whatWasInsertedIsFoundUntilItIsRemovedThroughAllSizes(pages: PagesTests.Kind) {
        var index = Index(Crowded(), pages.pages)
        defer { index.deallocate() }
        var random = Random()
        var known: Set<UInt32> = []
        for _ in 0..<20_000 {
            let name = UInt32(1 + random.below(3000))
            let hash = Crowded.hash(name)
            if known.remove(name) != nil {
                index.remove(name, hash: hash)
                #expect(!Self.has(index.view, name, hash))
            } else {
                let isIn = index.insert(name, hash: hash)
                #expect(isIn)
                known.insert(name)
                #expect(Self.has(index.view, name, hash))
            }
        }
        for name in known { #expect(Self.has(index.view, name, Crowded.hash(name))) }
    }

    /// Hashes as they are.
    private struct Spread: IndexContent {
        func hash(of name: UInt32) -> UInt64 { Hash.mix(UInt64(name)) }
    }

    @Test(arguments: PagesTests.kinds) func aTableGrowsWithWhatIsInItAndShrinksAgainAndAgain(pages: PagesTests.Kind) {
        var index = Index(Spread(), pages.pages)
        defer { index.deallocate() }
        func has(_ name: UInt32) -> Bool { Self.has(index.view, name, Hash.mix(UInt64(name))) }
        let names = (1...200_000).map { UInt32($0) }
        for _ in 0..<3 {
            for name in names {
                let isIn = index.insert(name, hash: Hash.mix(UInt64(name)))
                #expect(isIn)
            }
            #expect(index.size < 200_000 * 10)
            #expect(names.allSatisfy(has))
            for name in names.dropLast(1000) { index.remove(name, hash: Hash.mix(UInt64(name))) }
            #expect(index.size < 100_000)
            #expect(names.suffix(1000).allSatisfy(has) && !names.prefix(1000).contains(where: has))
            for name in names.suffix(1000) { index.remove(name, hash: Hash.mix(UInt64(name))) }
        }
    }

    /// Names that all want the bucket before one of those from which on memory goes back in one piece.
    private struct AtAnEdge: IndexContent {
        static let crowd: Range<UInt32> = 1..<31
        static let (bucket, buckets) = (32_767, 49_152)
        func hash(of name: UInt32) -> UInt64 { Self.hash(name) }
        static func hash(_ name: UInt32) -> UInt64 {
            if !crowd.contains(name) { return Hash.mix(UInt64(name)) }
            return UInt64((bucket << 32 + buckets - 1) / buckets) | UInt64(name) << 56
        }
    }

    @Test(arguments: PagesTests.kinds) func whatWentOnFromABucketIsFoundWhenTheMemoryOfThatGoesBack(pages: PagesTests.Kind) {
        var index = Index(AtAnEdge(), pages.pages)
        defer { index.deallocate() }
        var missed = 0
        for name in UInt32(1)...545_000 {
            let isIn = index.insert(name, hash: AtAnEdge.hash(name))
            #expect(isIn)
            if index.view.previous == 0 || IndexView.buckets(of: index.view.previous) < AtAnEdge.buckets { continue }
            for name in AtAnEdge.crowd where !Self.has(index.view, name, AtAnEdge.hash(name)) { missed += 1 }
        }
        #expect(missed == 0 && index.view.previous == 0)
        for name in AtAnEdge.crowd {
            index.remove(name, hash: AtAnEdge.hash(name))
            #expect(!Self.has(index.view, name, AtAnEdge.hash(name)))
        }
    }

    @Test func aBucketFindsATagInEachOfItsSlotsAndNoOther() {
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

    @Test func aBucketHasRoomAgainForWhatWasTakenOut() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: Bucket.size, alignment: 64)
        defer { memory.deallocate() }
        memset(memory, 0, Bucket.size)
        let bucket = Bucket(at: memory)
        var random = Random(seed: 4)
        var names: [UInt32: UInt64] = [:]
        for name in UInt32(1)...10_000 {
            if names.count == Bucket.slots, let (gone, hash) = names.randomElement() {
                let isOther = bucket.take(gone, ~hash)
                #expect(!isOther, "another hash does not lead to it")
                let isTaken = bucket.take(gone, hash)
                #expect(isTaken)
                names[gone] = nil
            }
            let hash = UInt64(random.below(3)) << 56
            let isIn = bucket.put(name, hash)
            #expect(isIn)
            names[name] = hash
        }
    }

    @Test func aBucketThatMoreWentOnFromThanItCanCountNeverForgetsThatSomeDid() {
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

    @Test func aRecordThatOverflowsForgetsToTheSafeSide() {
        let beacon = Beacon()
        let invalidations = Invalidations(size: 64, beacon: beacon)
        defer {
            invalidations.deallocate()
            beacon.deallocate()
        }
        let tags = (0..<20).map { Cache.Tag("tag\($0)") }
        let stranger = Cache.Tag("stranger")
        let stamps = tags.map { tag in
            let stamp = invalidations.sequence
            invalidations.record([tag])
            return stamp
        }
        for (tag, stamp) in zip(tags, stamps) { #expect(invalidations.hit([tag], after: stamp)) }
        // The last seven are known exactly, what is unknown counts as old as the one before them.
        #expect(!invalidations.hit([tags[19]], after: stamps[19] + 1))
        #expect(!invalidations.hit([stranger], after: stamps[13]))
        #expect(invalidations.hit([stranger], after: stamps[12]))
    }

    @Test func hashesOfAllLengthsDiffer() {
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
