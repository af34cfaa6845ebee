import CLinux

/// A growing run of trivial values. Large ones are mapped pages: growing moves the pages, not the bytes, so that it takes
/// microseconds whatever the size; and what is no longer used goes back to the system.
///
/// Belongs to one thread at a time. Copies mean the same memory, which lives until `deallocate`.
struct Table<Element: BitwiseCopyable> {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity: Int
    /// Bytes at the front that have been used, of a mapped table.
    private var touched = 0
    private var isMapped = false

    private static var stride: Int { MemoryLayout<Element>.stride }
    private static var smallest: Int { 16 }
    /// Bytes.
    private static var mappedFrom: Int { 64 << 10 }
    private static var worthReturning: Int { 512 << 10 }

    init() {
        capacity = Self.smallest
        base = .allocate(capacity: Self.smallest)
    }

    func deallocate() {
        if isMapped { munmap(base, capacity * Self.stride) } else { free(base) }
    }

    /// Bytes of memory in use.
    var size: Int { isMapped ? touched : capacity * Self.stride }

    /// No check beyond those of a debug build: the index is always one of our own.
    subscript(index: Int) -> Element {
        @inline(__always) get {
            assert(index >= 0 && index < count)
            return base[index]
        }
        @inline(__always) nonmutating set {
            assert(index >= 0 && index < count)
            base[index] = newValue
        }
    }

    mutating func append(_ element: Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count += 1
        if isMapped, count * Self.stride > touched { touched = Memory.wholePages(count * Self.stride) }
    }

    mutating func removeLast() {
        count -= 1
        let needed = Memory.wholePages(count * Self.stride)
        guard isMapped, touched - needed >= 2 * Self.worthReturning else { return }
        madvise(UnsafeMutableRawPointer(base) + needed + Self.worthReturning, touched - needed - Self.worthReturning, MADV_DONTNEED)
        touched = needed + Self.worthReturning
    }

    private mutating func grow() {
        let old = capacity * Self.stride
        capacity *= 2
        let size = capacity * Self.stride
        var moved: UnsafeMutableRawPointer?
        if isMapped {
            moved = linux_remap(base, old, size)
        } else if size >= Self.mappedFrom {
            moved = Memory.map(size)
            if let moved {
                memcpy(moved, base, old)
                free(base)
                isMapped = true
                touched = Memory.wholePages(old)
            }
        } else {
            moved = realloc(base, size)
        }
        guard let moved else { fatalError("out of memory") }
        base = moved.assumingMemoryBound(to: Element.self)
    }
}
