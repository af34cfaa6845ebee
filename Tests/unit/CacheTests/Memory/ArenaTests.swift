import CLinux
import Testing

@testable import Cache

/// The memory that entries live in.
@Suite(.serialized) struct ArenaTests {
    /// A heap of its own, and what is known of its blocks.
    private struct Yard {
        var heap: Heap
        var blocks: [(cut: HeapBlock, grains: Int, mark: UInt8)] = []

        init(_ pages: Pages = .system) { heap = Heap(ChunkTable(), pages) }

        mutating func allocate(_ grains: Int, _ mark: UInt8) -> Bool {
            guard let cut = heap.allocate(grains) else { return false }
            memset(cut.start, Int32(mark), bytes(grains))
            blocks.append((cut, grains, mark))
            return true
        }

        mutating func free(at index: Int) -> Bool {
            blocks.swapAt(index, blocks.count - 1)
            let block = blocks.removeLast()
            let bytes = UnsafeRawBufferPointer(start: block.cut.start, count: bytes(block.grains))
            let isWhole = bytes.allSatisfy { $0 == block.mark }
            heap.free(block.cut)
            return isWhole
        }

        /// What the system says.
        var residentBytes: Int {
            var pages = [UInt8](repeating: 0, count: Chunk.size / 4096)
            return (0..<ChunkTable.count).lazy.map { heap.table.base($0) }.prefix { $0 != nil }.reduce(0) { sum, base in
                mincore(base, Chunk.size, &pages)
                return sum + pages.count { $0 & 1 != 0 } * 4096
            }
        }

        private func bytes(_ grains: Int) -> Int { grains * Chunk.grain - Chunk.tagSize }
    }

    @Test(arguments: [1, 2, 3], PagesTests.kinds) func `blocks of all sizes keep what is written in them`(seed: UInt64, pages: PagesTests.Kind) {
        var yard = Yard(pages.pages)
        defer { yard.heap.deallocate() }
        var random = Random(seed: seed)
        for step in 0..<20_000 {
            if random.below(100) < (step / 2000 % 2 == 0 ? 60 : 40) {
                let isAllocated = yard.allocate(2 + random.below(1 << random.below(14)), UInt8(truncatingIfNeeded: step))
                #expect(isAllocated)
            } else if !yard.blocks.isEmpty {
                let isWhole = yard.free(at: random.below(yard.blocks.count))
                #expect(isWhole)
            }
            if step % 1000 == 0 {
                yard.heap.checkInvariants()
                #expect(yard.residentBytes <= yard.heap.resident)
            }
        }
        while !yard.blocks.isEmpty {
            let isWhole = yard.free(at: random.below(yard.blocks.count))
            #expect(isWhole)
        }
        yard.heap.checkInvariants()
        #expect(yard.heap.used == 0)
        #expect(yard.heap.chunks == 1 || pages == .kept, "all but one chunk go back to the system")
    }

    @Test func `little is lost between blocks that come and go`() {
        var yard = Yard()
        defer { yard.heap.deallocate() }
        var random = Random(seed: 5)
        func size() -> Int { 40 + random.below(1 << (5 + random.below(6))) }
        let grains = 32 << 16
        for _ in 0..<100_000 {
            let isAllocated = yard.allocate(size(), 1)
            #expect(isAllocated)
            while yard.heap.used > grains { _ = yard.free(at: random.below(yard.blocks.count)) }
        }
        yard.heap.checkInvariants()
        let usedPart = Double(yard.heap.used) / Double(yard.heap.chunks * Chunk.grains)
        #expect(usedPart > 0.85)
    }

    @Test(arguments: [PagesTests.Kind.system, .of16K]) func `little more is held than is used however sizes are mixed`(pages: PagesTests.Kind) {
        var yard = Yard(pages.pages)
        defer { yard.heap.deallocate() }
        var random = Random(seed: 6)
        let grains = 1 << 20
        func isTight() -> Bool {
            // A tenth and two chunks, and holes smaller than pages.
            yard.residentBytes <= yard.heap.resident && yard.heap.resident <= yard.heap.used * Chunk.grain * 6 / 5 + 2 * Chunk.size
        }
        for step in 0..<8000 {
            let isAllocated = yard.allocate((16 << random.below(11)) + random.below(9), 1)
            #expect(isAllocated)
            while yard.heap.used > grains { _ = yard.free(at: random.below(yard.blocks.count)) }
            if step % 1000 == 999 { #expect(isTight()) }
        }
        while yard.heap.used > grains / 2 { _ = yard.free(at: random.below(yard.blocks.count)) }
        #expect(isTight())
        #expect(yard.heap.chunks * Chunk.size > yard.heap.resident, "which takes giving pages back")
        yard.heap.checkInvariants()
    }

    @Test func `what the system does not take back is used again`() {
        var yard = Yard(.kept)
        defer { yard.heap.deallocate() }
        var random = Random(seed: 7)
        for _ in 0..<5 {
            for step in 0..<2000 {
                let isAllocated = yard.allocate((16 << random.below(11)) + random.below(9), UInt8(truncatingIfNeeded: step))
                #expect(isAllocated)
            }
            let chunks = yard.heap.chunks
            while !yard.blocks.isEmpty {
                let isWhole = yard.free(at: random.below(yard.blocks.count))
                #expect(isWhole)
            }
            yard.heap.checkInvariants()
            #expect(yard.heap.chunks == chunks && yard.heap.resident == chunks * Chunk.size && chunks < 40, "as much as there ever was at once")
        }
    }

    @Test func `a name leads to its block`() throws {
        let blocks = try (1...2000).map { try #require(Arena.allocate($0)) }
        for block in blocks {
            #expect(Arena.table.address(ChunkTable.id(of: block)) == block && Int(bitPattern: block) % 8 == 0)
        }
        for block in blocks { Arena.free(block) }
        Arena.checkInvariants()
        #expect(Arena.allocate(Arena.largest + 1) == nil && Arena.table.address(0) == nil)
    }

    @Test func `largest and smallest blocks are there`() throws {
        let large = try #require(Arena.allocate(Arena.largest))
        let small = try #require(Arena.allocate(0))
        memset(large, 1, Arena.largest)
        Arena.free(small)
        Arena.free(large)
        Arena.checkInvariants()
    }
}
