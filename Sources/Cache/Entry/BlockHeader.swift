import CLinux
import Synchronization

/// The text by which an entry or an alias is found: its size, and the windows that it asks for.
struct LookupHeader {
    private let word: UInt32
    let windows: Windows
    private static let mark: UInt32 = 1 << 31

    @inline(__always)
    init(textSize: Int, windows: Windows, isAlias: Bool = false) {
        word = UInt32(truncatingIfNeeded: textSize) | (isAlias ? LookupHeader.mark : 0)
        self.windows = windows
    }

    @inline(__always)
    var textSize: Int { Int(word & ~LookupHeader.mark) }
    /// True if the block is an alias.
    @inline(__always)
    var isAlias: Bool { word & LookupHeader.mark != 0 }
}

/// A block that readers may be reading, by its address: an entry or an alias. Both have these parts at these offsets:
///
///     0     references
///     44    the lookup header
///     80    the text
enum BlockHeader {
    /// Where the text begins, in an entry and in an alias.
    static let size = 80
    private static let lookupHeaderOffset = 44

    /// The reference count. The store has one reference while the block is published, and so has every counted pin. The last one frees the
    /// block.
    @inline(__always)
    private static func references(_ address: UInt) -> UnsafeMutablePointer<Atomic<UInt32>>? { UnsafeMutablePointer(bitPattern: address) }

    static func retain(_ address: UInt) {
        references(address)?.pointee.wrappingAdd(1, ordering: .relaxed)
    }

    /// Why not inlined: it is long, and rare where speed matters.
    @inline(never)
    static func release(_ address: UInt) {
        guard let block = drop(address) else { return }
        if !lookupHeader(address).isAlias, block.assumingMemoryBound(to: Entry.self).pointee.isDetached { free(block) } else { Arena.free(block) }
    }

    /// Drops a reference. If it was the last one, frees the block's parts and returns the block, which the caller has to free.
    @inline(__always)
    static func drop(_ address: UInt) -> UnsafeMutableRawPointer? {
        guard let references = references(address),
            references.pointee.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0
        else { return nil }
        let block = UnsafeMutableRawPointer(references)
        if !lookupHeader(address).isAlias { Entry.freeParts(block.assumingMemoryBound(to: Entry.self)) }
        return block
    }

    @inline(__always)
    static func lookupHeader(_ address: UInt) -> LookupHeader {
        UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped.load(fromByteOffset: lookupHeaderOffset, as: LookupHeader.self)
    }

    /// Returns the text by which a block is found.
    @inline(__always)
    static func text(_ address: UInt) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped + Entry.headerSize, count: lookupHeader(address).textSize)
    }

    /// Starts to load what a hit reads of a block: the cache lines up to the end of a text of usual size.
    @inline(__always)
    static func prefetch(_ address: UInt) {
        for line in 0..<UInt(5) { Memory.prefetch(UnsafeRawPointer(bitPattern: address &+ UInt(lookupHeaderOffset - 8) &+ line &* 64)) }
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
