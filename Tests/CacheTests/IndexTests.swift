import Synchronization
import Testing

@testable import Cache

/// The table from hashes to addresses, and the record of invalidations.
@Suite struct IndexTests {
    /// Addresses that are their own hashes, crowded so that buckets overflow.
    private struct Crowded: IndexContent {
        func hash(of address: UInt) -> UInt64 { Self.hash(address) }
        static func hash(_ address: UInt) -> UInt64 { UInt64(address / 16 % 97) << 25 | UInt64(address) << 40 }
    }

    private static func has(_ index: Index<Crowded>, _ address: UInt) -> Bool {
        var probe = index.view.probe(Crowded.hash(address))
        while let slot = probe.next() {
            if IndexView.address(slot.pointee.load(ordering: .relaxed)) == address { return true }
        }
        return false
    }

    @Test func whatWasInsertedIsFoundUntilItIsRemovedThroughAllSizes() {
        var index = Index(Crowded())
        defer { index.deallocate() }
        var random = Random()
        var known: Set<UInt> = []
        for _ in 0..<20_000 {
            let address = UInt(16 * (1 + random.below(3000)))
            if known.remove(address) != nil {
                index.remove(address, hash: Crowded.hash(address))
                #expect(!Self.has(index, address))
            } else {
                let isIn = index.insert(address, hash: Crowded.hash(address))
                #expect(isIn)
                known.insert(address)
                #expect(Self.has(index, address))
            }
        }
        for address in known { #expect(Self.has(index, address)) }
    }

    /// Hashes as they are.
    private struct Spread: IndexContent {
        func hash(of address: UInt) -> UInt64 { Hash.mix(UInt64(address)) }
    }

    @Test func aTableGrowsWithWhatIsInItAndShrinksAgain() {
        var index = Index(Spread())
        defer { index.deallocate() }
        func has(_ address: UInt) -> Bool {
            var probe = index.view.probe(Hash.mix(UInt64(address)))
            while let slot = probe.next() {
                if IndexView.address(slot.pointee.load(ordering: .relaxed)) == address { return true }
            }
            return false
        }
        let addresses = (1...200_000).map { UInt($0 * 16) }
        for address in addresses {
            let isIn = index.insert(address, hash: Hash.mix(UInt64(address)))
            #expect(isIn)
        }
        #expect(index.size < 200_000 * 17)
        for address in addresses.dropLast(1000) { index.remove(address, hash: Hash.mix(UInt64(address))) }
        #expect(index.size < 200_000)
        #expect(addresses.suffix(1000).allSatisfy(has) && !addresses.prefix(1000).contains(where: has))
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
