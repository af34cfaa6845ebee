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
        size < pagesFrom ? max((size + 8 + 15) & ~15, 32) : Pages.system.whole(size + 16)
    }
}
