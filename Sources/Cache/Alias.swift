import CLinux
import Synchronization

extension Alias {
    /// A new alias with one reference, which the caller owns.
    static func make(text: UnsafeRawBufferPointer, windows: Windows, entry: EntryPointer) -> AliasPointer? {
        guard let base = text.baseAddress, text.count <= Int(UInt32.max),
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

    /// As tables and pins have it.
    var address: UInt { UInt(bitPattern: self) | Alias.mark }
}
