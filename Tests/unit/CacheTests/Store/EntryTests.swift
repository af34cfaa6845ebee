import CLinux
import Synchronization
import Testing

@testable import Cache

/// What an entry holds, in every shape that it may have.
@Suite struct EntryTests {
    private static func make(
        answer: Int, text: Int = 10, key: Int = 5, tags: Int = 0, modified: Int64 = 0, loadedAt: UInt64 = 0, readVersion: UInt64 = 0
    ) -> EntryPointer {
        let windows = Windows(ttl: 7, swr: 9)
        let bytes = [UInt8](repeating: 116, count: text) + [UInt8](repeating: 107, count: key)
        return bytes.withUnsafeBytes { bytes in
            let answer = TestCache.answer(String(repeating: "a", count: answer), lastModified: modified)
            let entry = Entry.make(
                answer: answer, text: UnsafeRawBufferPointer(rebasing: bytes[..<text]), key: UnsafeRawBufferPointer(rebasing: bytes[text...]),
                windows: windows, tags: (0..<tags).map { Cache.Tag("tag\($0)") }, loadedAt: loadedAt, readVersion: readVersion)
            entry.fill(answer)
            return entry
        }
    }

    @Test(arguments: [0, 1, 7, 1000, CacheLimit.insideBytes - 1, CacheLimit.insideBytes, CacheLimit.insideBytes + 1, 3_000_000])
    func `all parts are read as they were written`(answer: Int) {
        for (text, key, tags) in [(0, 0, 0), (1, 1, 1), (240, 33, 3), (Entry.longestPart, Entry.longestPart, 512)] {
            let entry = Self.make(answer: answer, text: text, key: key, tags: tags)
            defer { BlockHeader.release(UInt(bitPattern: entry)) }
            #expect(entry.answer.count == answer && entry.answer.allSatisfy { $0 == 97 })
            #expect(entry.answer.baseAddress?.load(fromByteOffset: answer, as: UInt8.self) == 0, "a NUL follows it")
            #expect(entry.text.count == text && entry.text.allSatisfy { $0 == 116 })
            #expect(entry.key.count == key && entry.key.allSatisfy { $0 == 107 })
            #expect(entry.tags == (0..<tags).map { Cache.Tag("tag\($0)") })
            #expect(entry.pointee.lookupHeader.windows.ttl == 7 && entry.pointee.lookupHeader.windows.swr == 9 && !entry.pointee.lookupHeader.isAlias)
            #expect(!entry.pointee.isDetached && Arena.table.address(entry.id) == entry.raw)
            #expect(entry.cost >= answer + text + key + tags * 8 && entry.cost < answer + text + key + tags * 8 + 4300)
        }
    }

    @Test(arguments: [0, 1, -1, 1_764_288_000_123, -62_135_596_800_000, 1 << 47 - 1] as [Int64])
    func `times are kept`(modified: Int64) {
        let loadedAt: UInt64 = 1 << 62 + 65_535
        let entry = Self.make(answer: 1, modified: modified, loadedAt: loadedAt, readVersion: 1 << 48 - 1)
        defer { BlockHeader.release(UInt(bitPattern: entry)) }
        #expect(entry.pointee.lastModified == modified)
        #expect(entry.pointee.loadedAt <= loadedAt && loadedAt - entry.pointee.loadedAt < 65_536 && entry.pointee.loadedAt == Entry.rounded(loadedAt))
        #expect(entry.pointee.readVersion == 1 << 48 - 1)
    }

    @Test func `an entry too large for the arena is given out and freed`() {
        // Texts and keys beyond the limit are left out; tags make the rest too large here.
        let entry = Self.make(answer: CacheLimit.insideBytes, text: Entry.longestPart + 1, key: Entry.longestPart + 1)
        #expect(entry.text.isEmpty && entry.key.isEmpty && entry.answer.count == CacheLimit.insideBytes)
        BlockHeader.release(UInt(bitPattern: entry))
        #expect(Arena.allocate(Arena.largest + 1) == nil)
        #expect(
            Entry.Layout(answer: CacheLimit.insideBytes, text: Entry.longestPart, key: Entry.longestPart, tags: Entry.mostTags).blockSize
                <= Arena.largest, "whatever may be published fits")
    }

    @Test func `an alias has its parts where an entry has them`() throws {
        let entry = Self.make(answer: 1)
        defer { BlockHeader.release(UInt(bitPattern: entry)) }
        let text = [UInt8]("another text".utf8)
        let alias = try #require(text.withUnsafeBytes { TextAlias.make(text: $0, windows: Windows(ttl: 1, swr: 2), entry: entry) })
        let address = UInt(bitPattern: alias)
        #expect(BlockHeader.lookupHeader(address).isAlias && BlockHeader.lookupHeader(address).windows.swr == 2)
        #expect(BlockHeader.text(address).elementsEqual(text) && alias.pointee.entry.load(ordering: .relaxed) == UInt(bitPattern: entry))
        BlockHeader.retain(address)
        BlockHeader.release(address)
        #expect(BlockHeader.text(address).elementsEqual(text), "one reference is left")
        BlockHeader.release(address)
    }

    @Test func `what is too long to be remembered is answered and not kept`() {
        let test = TestCache(maxBytes: 16 << 20)
        let longKey = String(repeating: "k", count: Entry.longestPart + 1)
        #expect(test.ask(longKey, ttl: 60, answer: "one") == Seen(.miss, "one"))
        #expect(test.ask(longKey, ttl: 60, answer: "two") == Seen(.miss, "two"))
        #expect(test.cache.statistics().oversized == 2)
        // A text that is too long is found by its key.
        let longText = String(repeating: "t", count: Entry.longestPart + 1)
        test.lookup("q", text: longText, ttl: 60).lead?.complete(TestCache.answer("three"), now: test.now).pin.release()
        let hit = test.lookup("q", text: longText, ttl: 60).hit
        #expect(hit.map { Seen($0) } == Seen(.fresh, "three"))
        #expect(test.hit(longText) == nil)
    }

    /// A hit reads both kinds of block before it knows which it has found.
    @Test func `entries and aliases have the same parts in the same places`() throws {
        let entry = Self.make(answer: 3, text: 40)
        let text = Array("another text".utf8)
        let alias = try #require(text.withUnsafeBytes { TextAlias.make(text: $0, windows: Windows(ttl: 3, swr: 4), entry: entry) })
        defer {
            BlockHeader.release(alias.address)
            BlockHeader.release(UInt(bitPattern: entry))
        }
        #expect(Entry.headerSize == BlockHeader.size && MemoryLayout<Entry>.size == BlockHeader.size)
        #expect(MemoryLayout<TextAlias>.size <= BlockHeader.size)
        for (address, header) in [(UInt(bitPattern: entry), entry.pointee.lookupHeader), (alias.address, alias.pointee.lookupHeader)] {
            let found = BlockHeader.lookupHeader(address)
            #expect(found.textSize == header.textSize && found.isAlias == header.isAlias && found.windows.ttl == header.windows.ttl)
            #expect(UnsafeRawPointer(bitPattern: address)?.load(as: UInt32.self) == 1, "the references come first")
            #expect(UInt(bitPattern: BlockHeader.text(address).baseAddress) == address + UInt(BlockHeader.size))
        }
    }
}
