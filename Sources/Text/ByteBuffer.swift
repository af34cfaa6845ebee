import CLinux

/// A growing run of bytes in one malloc'd block: what answers, parameters and keys are written into.
///
/// The block can be taken out (`take()`), so that an answer moves into the cache without a copy. Room for a closing NUL
/// is always kept. Growth doubles, so appending costs amortised O(1) per byte.
package struct ByteBuffer: ~Copyable {
    package private(set) var start: UnsafeMutablePointer<UInt8>
    package private(set) var count = 0
    private var capacity: Int

    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        start = ByteBuffer.allocate(self.capacity)
    }

    deinit { free(start) }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Forgets the contents and keeps the block.
    package mutating func removeAll() { count = 0 }

    /// Shortens to `newCount` bytes, at most the present count.
    package mutating func truncate(to newCount: Int) { count = min(max(newCount, 0), count) }

    /// Hands over the block, NUL-terminated after `count` bytes. The receiver frees it with `free`. Unless it `isFitted`, it still
    /// has the room that it was written in, for a receiver who fits it himself.
    package consuming func take(isFitted: Bool = true) -> (start: UnsafeMutablePointer<UInt8>, count: Int) {
        reserve(1)
        start[count] = 0
        // Why: what is kept for long must not keep the room that it was written in.
        if isFitted, capacity &- count > 64, let fitted = realloc(start, count &+ 1) { start = fitted.assumingMemoryBound(to: UInt8.self) }
        let result = (start, count)
        discard self
        return result
    }

    /// The contents as a string. For messages and tests: it copies.
    package func string() -> String { String(decoding: bytes, as: UTF8.self) }

    /// Makes room for `extra` more bytes and a NUL.
    @inline(__always)
    package mutating func reserve(_ extra: Int) {
        if extra &+ 1 > capacity &- count { grow(extra) }
    }

    @inline(never)
    private mutating func grow(_ extra: Int) {
        capacity = max(capacity &* 2, count &+ extra &+ 1)
        guard let moved = realloc(start, capacity) else { ByteBuffer.exhausted() }
        start = moved.assumingMemoryBound(to: UInt8.self)
    }

    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        start[count] = byte
        count &+= 1
    }

    @inline(__always)
    package mutating func append(_ source: UnsafeRawBufferPointer) {
        guard let base = source.baseAddress else { return }
        reserve(source.count)
        memcpy(start + count, base, source.count)
        count &+= source.count
    }

    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    package mutating func append(_ source: [UInt8]) {
        source.withUnsafeBytes { append($0) }
    }

    /// Lets `write` put bytes into `room` free ones; it returns how many it wrote.
    @inline(__always)
    package mutating func append(room: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        reserve(room)
        count &+= write(start + count)
    }

    private static func allocate(_ size: Int) -> UnsafeMutablePointer<UInt8> {
        guard let block = malloc(size) else { exhausted() }
        return block.assumingMemoryBound(to: UInt8.self)
    }

    // Why a trap: glibc hands out address space until the kernel kills; there is no state to go on from.
    private static func exhausted() -> Never { preconditionFailure("out of memory") }
}
