import CLinux

enum Memory {
    /// Starts to load a cache line that is needed soon. Any address is allowed.
    @inline(__always)
    static func prefetch(_ address: UnsafeRawPointer?) { linux_prefetch(address) }

    /// Starts to load all lines of a range.
    @inline(__always)
    static func prefetch(_ start: UnsafeRawPointer, _ size: Int) {
        for offset in stride(from: 0, to: size, by: 64) { prefetch(start + offset) }
    }

    /// Size in bytes from which `malloc` may give a block pages of its own.
    private static let pagesFrom = 128 << 10

    /// Returns the bytes that a block of `size` bytes from `malloc` takes, with its bookkeeping. The allocator's grain is 16 bytes.
    static func cost(of size: Int) -> Int {
        size < pagesFrom ? max((size + 8 + 15) & ~15, 32) : Pages.system.whole(size + 16)
    }
}
