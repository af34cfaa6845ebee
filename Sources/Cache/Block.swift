import CLinux
import Synchronization

/// What entries and aliases begin with: how many own the block, and the text by which it is found.
struct Way: ~Copyable {
    /// Owned by the store while the block is published, and by every counted pin. Whoever drops the last one frees the block.
    let references: Atomic<UInt32>
    let textSize: UInt32
    /// The windows that this text asks for.
    let windows: Windows
}

/// A block of memory that readers may be looking at: an entry, or an alias (then its address bears `Alias.mark`).
enum Block {
    static func retain(_ address: UInt) {
        way(address)?.pointee.references.wrappingAdd(1, ordering: .relaxed)
    }

    static func release(_ address: UInt) {
        guard let way = way(address),
            way.pointee.references.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0
        else { return }
        let block = UnsafeMutableRawPointer(way)
        if address & Alias.mark == 0 { Entry.free(block.assumingMemoryBound(to: Entry.self)) } else { free(block) }
    }

    @inline(__always)
    static func way(_ address: UInt) -> UnsafeMutablePointer<Way>? {
        UnsafeMutablePointer(bitPattern: address & ~(Alias.mark | 1))
    }

    /// The text by which a block is found.
    @inline(__always)
    static func text(_ address: UInt) -> UnsafeRawBufferPointer {
        guard let way = way(address) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let offset = address & Alias.mark == 0 ? Entry.headerSize : Alias.headerSize
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(way) + offset, count: Int(way.pointee.textSize))
    }
}
