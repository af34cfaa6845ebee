import CLinux
import Synchronization

/// A further text that leads to an entry, with the windows that it asks for. The text follows.
///
/// Its parts lie where an entry has them (`Block`), so that a hit need not know which of the two it has found. Aliases are few.
struct Alias: ~Copyable {
    let references: Atomic<UInt32>
    /// The entry, 0 when it is gone.
    let entry: Atomic<UInt>
    /// The entry's next alias. Belongs to the holder of the store's lock.
    var next: AliasPointer?
    private let unused: (UInt64, UInt64, UInt32) = (0, 0, 0)
    let way: Way
}

typealias AliasPointer = UnsafeMutablePointer<Alias>

extension Alias {
    /// A new alias with one reference, which the caller owns; nil when its text is too long, or for want of memory.
    static func make(text: UnsafeRawBufferPointer, windows: Windows, entry: EntryPointer) -> AliasPointer? {
        guard let base = text.baseAddress, text.count <= Entry.longestPart,
            let block = Arena.allocate(Entry.headerSize + text.count)
        else { return nil }
        let alias = block.assumingMemoryBound(to: Alias.self)
        alias.initialize(
            to: Alias(
                references: Atomic(1), entry: Atomic(UInt(bitPattern: entry)), next: nil,
                way: Way(textSize: text.count, windows: windows, isAlias: true)))
        memcpy(block + Entry.headerSize, base, text.count)
        return alias
    }
}

extension UnsafeMutablePointer where Pointee == Alias {
    var address: UInt { UInt(bitPattern: self) }
    var name: UInt32 { ChunkTable.name(of: self) }
    var text: UnsafeRawBufferPointer { Block.text(address) }
    var cost: Int { Arena.cost(of: Entry.headerSize + pointee.way.textSize) }
}
