import CLinux

/// The system's pages, which are 4, 16 or 64 KiB.
///
/// Why a value: tests use other page sizes, and a system that takes no pages back.
struct Pages: Sendable {
    /// Bytes, a power of two.
    let size: Int
    /// The system's `madvise`.
    let advise: @convention(c) (UnsafeMutableRawPointer?, Int, Int32) -> Int32

    static let system = Pages(size: max(sysconf(Int32(_SC_PAGESIZE)), 4096)) { madvise($0, $1, $2) }

    private static let huge = 2 << 20

    /// Rounds a number of bytes up to whole pages.
    @inline(__always)
    func whole(_ bytes: Int) -> Int { (bytes + size - 1) & ~(size - 1) }

    /// Returns the whole pages between two addresses. Empty if there are none.
    @inline(__always)
    func between(_ start: UnsafeMutableRawPointer, _ end: UnsafeMutableRawPointer) -> UnsafeMutableRawBufferPointer {
        let first = whole(Int(bitPattern: start))
        let last = Int(bitPattern: end) & ~(size - 1)
        return UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: first), count: max(last - first, 0))
    }

    /// Gives pages back to the system. They read as zeros until they are used again.
    ///
    /// Returns false if the system does not take them, for example after `mlockall`; nothing has changed then. The last page is returned
    /// as a whole, so its rest must be unused.
    func giveBack(_ start: UnsafeMutableRawPointer, _ count: Int) -> Bool { advise(start, count, MADV_DONTNEED) == 0 }

    /// Maps zeroed memory in whole pages. Nil if there is none. Large memory begins on the boundary of a huge page.
    func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let bytes = whole(bytes)
        let boundary = bytes >= Self.huge ? Self.huge : size
        let slack = boundary == Self.system.size ? 0 : boundary
        guard let base = mmap(nil, bytes + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            UInt(bitPattern: base) != UInt.max
        else { return nil }
        if slack == 0 { return base }
        let before = (boundary - Int(bitPattern: base) & (boundary - 1)) & (boundary - 1)
        if before > 0 { munmap(base, before) }
        if slack > before { munmap(base + before + bytes, slack - before) }
        if bytes >= Self.huge { madvise(base + before, bytes, MADV_HUGEPAGE) }
        return base + before
    }

    func unmap(_ start: UnsafeMutableRawPointer, _ bytes: Int) { munmap(start, whole(bytes)) }

    /// Changes the size of a mapping. Nil if there is no memory. The pages move, not the bytes.
    func remap(_ start: UnsafeMutableRawPointer, _ old: Int, _ new: Int) -> UnsafeMutableRawPointer? {
        if size == Self.system.size { return linux_remap(start, whole(old), whole(new)) }
        guard let moved = map(new) else { return nil }
        memcpy(moved, start, min(old, new))
        unmap(start, old)
        return moved
    }
}
