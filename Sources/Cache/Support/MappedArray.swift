import CLinux

/// A growing array of trivial values. A large one is in mapped pages.
///
/// Growing moves the pages, not the bytes, and so takes microseconds at any size. Memory that is no longer used goes back to the system.
///
/// Belongs to one thread at a time. Copies mean the same memory, which lives until `deallocate`.
struct MappedArray<Element: BitwiseCopyable> {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity: Int
    /// Bytes of memory in use. For mapped memory, the part at the front that has been used.
    private(set) var size: Int
    private var isMapped = false
    /// False once the system has refused to take pages back.
    private var canGiveBack = true
    private let pages: Pages

    private static var stride: Int { MemoryLayout<Element>.stride }
    private static var smallest: Int { 16 }
    /// Size in bytes from which memory is mapped.
    private static var mappedFrom: Int { 64 << 10 }
    private static var worthReturning: Int { 512 << 10 }

    init(_ pages: Pages = .system) {
        self.pages = pages
        capacity = Self.smallest
        size = Self.smallest * Self.stride
        base = .allocate(capacity: Self.smallest)
    }

    func deallocate() {
        if isMapped { pages.unmap(base, capacity * Self.stride) } else { free(base) }
    }

    var values: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }

    /// Checked only in debug builds: the index never comes from outside.
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
        if count * Self.stride > size { size = pages.whole(count * Self.stride) }
    }

    mutating func removeLast() {
        count -= 1
        if isMapped, canGiveBack, size - count * Self.stride >= 2 * Self.worthReturning { giveBack() }
    }

    private mutating func giveBack() {
        let kept = pages.whole(count * Self.stride + Self.worthReturning)
        canGiveBack = pages.giveBack(UnsafeMutableRawPointer(base) + kept, size - kept)
        if canGiveBack { size = kept }
    }

    mutating func removeAll() {
        count = 0
        if isMapped, canGiveBack, size >= 2 * Self.worthReturning { giveBack() }
    }

    mutating func popLast() -> Element? {
        if count == 0 { return nil }
        let last = base[count - 1]
        removeLast()
        return last
    }

    private mutating func grow() {
        let old = capacity * Self.stride
        capacity *= 2
        let larger = capacity * Self.stride
        var moved: UnsafeMutableRawPointer?
        if isMapped {
            moved = pages.remap(base, old, larger)
        } else if larger >= Self.mappedFrom {
            moved = pages.map(larger)
            if let moved {
                memcpy(moved, base, old)
                free(base)
                isMapped = true
            }
        } else {
            moved = realloc(base, larger)
        }
        size = isMapped ? pages.whole(old) : larger
        guard let moved else { fatalError("out of memory") }
        base = moved.assumingMemoryBound(to: Element.self)
    }
}
