import CLinux
import Synchronization

/// A further text that leads to an entry, with the windows that it asks for. The text follows.
struct Alias: ~Copyable {
    let way: Way
    /// The entry, 0 when it is gone.
    let entry: Atomic<UInt>
    /// The entry's next alias. Belongs to the holder of the store's lock.
    var next: AliasPointer?

    static let headerSize = MemoryLayout<Alias>.size
    /// Set in the addresses of aliases wherever they stand beside those of entries.
    static let mark: UInt = 2
}

typealias AliasPointer = UnsafeMutablePointer<Alias>

extension Alias {
    /// A new alias with one reference, which the caller owns.
    static func make(text: UnsafeRawBufferPointer, windows: Windows, entry: EntryPointer) -> AliasPointer? {
        guard let base = text.baseAddress, text.count <= Entry.longestPart,
            let block = malloc(headerSize + text.count), UInt(bitPattern: block) >> 48 == 0
        else { return nil }
        let alias = block.assumingMemoryBound(to: Alias.self)
        alias.initialize(
            to: Alias(
                way: Way(references: Atomic(1), textSize: UInt32(text.count), windows: windows),
                entry: Atomic(UInt(bitPattern: entry)), next: nil))
        memcpy(block + headerSize, base, text.count)
        return alias
    }
}

extension UnsafeMutablePointer where Pointee == Alias {
    var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }

    var text: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: raw + Alias.headerSize, count: Int(pointee.way.textSize))
    }

    var cost: Int { Memory.cost(of: Alias.headerSize + Int(pointee.way.textSize)) }

    /// As tables and pins have it.
    var address: UInt { UInt(bitPattern: self) | Alias.mark }
}
