import CLinux
import Synchronization

/// What entries and aliases have in common: how many own the block, and the text by which it is found.
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
        if address & Alias.mark == 0, let entry = EntryPointer(bitPattern: address) { Entry.free(entry) } else { free(way) }
    }

    @inline(__always)
    static func way(_ address: UInt) -> UnsafeMutablePointer<Way>? {
        let offset = address & Alias.mark == 0 ? UInt(Entry.wayOffset) : 0
        return address == 0 ? nil : UnsafeMutablePointer(bitPattern: (address & ~(Alias.mark | 1)) &+ offset)
    }

    /// The text by which a block is found.
    @inline(__always)
    static func text(_ address: UInt) -> UnsafeRawBufferPointer {
        guard let way = way(address) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let offset = address & Alias.mark == 0 ? Entry.headerSize - Entry.wayOffset : Alias.headerSize
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(way) + offset, count: Int(way.pointee.textSize))
    }

    /// Starts to load what a hit will read of a block: the cache lines from its way to the end of a text of usual size.
    @inline(__always)
    static func prefetch(_ address: UInt) {
        let first = UnsafeRawPointer(bitPattern: address &+ UInt(Entry.wayOffset))
        for line in 0..<5 { Memory.prefetch(first.map { $0 + line * 64 }) }
    }
}

enum Bytes {
    @inline(__always)
    static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let a = left.baseAddress, let b = right.baseAddress else { return true }
        return memcmp(a, b, left.count) == 0
    }
}
