import CLinux

enum Memory {
    /// Starts to load a cache line that is wanted soon. Any address is allowed.
    @inline(__always)
    static func prefetch(_ address: UnsafeRawPointer?) { linux_prefetch(address) }

    /// The same for all lines of some bytes.
    @inline(__always)
    static func prefetch(_ start: UnsafeRawPointer, _ size: Int) {
        for offset in stride(from: 0, to: size, by: 64) { prefetch(start + offset) }
    }

    /// From this size on, the allocator may give a block whole pages of its own.
    private static let pagesFrom = 128 << 10

    /// What a block of `size` bytes from `malloc` takes, its bookkeeping included: 16 bytes are the allocator's grain.
    static func cost(of size: Int) -> Int {
        size < pagesFrom ? max((size + 8 + 15) & ~15, 32) : wholePages(size + 16)
    }

    static func wholePages(_ size: Int) -> Int { (size + 4095) & ~4095 }

    /// Zeroed memory of whole pages; large ones begin on a huge page's boundary, so that huge pages back them.
    static func map(_ size: Int) -> UnsafeMutableRawPointer? {
        let huge = 2 << 20
        let slack = size >= huge ? huge : 0
        guard let base = mmap(nil, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            UInt(bitPattern: base) != UInt.max
        else { return nil }
        if slack == 0 { return base }
        let before = (huge - Int(bitPattern: base) & (huge - 1)) & (huge - 1)
        if before > 0 { munmap(base, before) }
        if slack > before { munmap(base + before + size, slack - before) }
        madvise(base + before, size, MADV_HUGEPAGE)
        return base + before
    }
}
