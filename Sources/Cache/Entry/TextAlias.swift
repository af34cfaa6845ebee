import CLinux
import Synchronization

/// A further text that leads to an entry, with the windows that it asks for. The text follows the header.
///
/// Its parts are at the same offsets as an entry's (`BlockHeader`), so a hit need not know which of the two it has found. Aliases are rare.
struct TextAlias: ~Copyable {
    let references: Atomic<UInt32>
    /// The entry; 0 once it is gone.
    let entry: Atomic<UInt>
    /// The entry's next alias. Belongs to the holder of the store's lock.
    var next: TextAliasPointer?
    private let unused: (UInt64, UInt64, UInt32) = (0, 0, 0)
    let lookupHeader: LookupHeader
}

typealias TextAliasPointer = UnsafeMutablePointer<TextAlias>

extension TextAlias {
    /// Makes an alias whose single reference the caller owns. Nil if its text is too long or there is no memory.
    static func make(text: UnsafeRawBufferPointer, windows: Windows, entry: EntryPointer) -> TextAliasPointer? {
        guard let base = text.baseAddress, text.count <= Entry.longestPart,
            let block = Arena.allocate(Entry.headerSize + text.count)
        else { return nil }
        let alias = block.assumingMemoryBound(to: TextAlias.self)
        alias.initialize(
            to: TextAlias(
                references: Atomic(1), entry: Atomic(UInt(bitPattern: entry)), next: nil,
                lookupHeader: LookupHeader(textSize: text.count, windows: windows, isAlias: true)))
        assert(MemoryLayout<TextAlias>.size <= BlockHeader.size && BlockHeader.lookupHeader(alias.address).isAlias, "the layouts agree")
        memcpy(block + Entry.headerSize, base, text.count)
        return alias
    }
}

extension UnsafeMutablePointer where Pointee == TextAlias {
    var address: UInt { UInt(bitPattern: self) }
    var id: BlockID { ChunkTable.id(of: self) }
    var text: UnsafeRawBufferPointer { BlockHeader.text(address) }
    var cost: Int { Arena.cost(of: Entry.headerSize + pointee.lookupHeader.textSize) }
}
