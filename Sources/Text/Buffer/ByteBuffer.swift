public import CLinux

/// A growing run of bytes in one malloc'd block. Answers, parameters and keys are written into it.
///
/// `take()` hands the block over, so an answer moves into the cache without a copy. There is always room for a closing NUL. Growth doubles
/// the block, so appending costs amortised O(1) a byte.
public struct ByteBuffer: ~Copyable {
    // Why public: an answer is tens of thousands of small appends made by another module, and Swift inlines across modules only public
    // inlinable code. None of it is exported from the library.
    @usableFromInline var block: UnsafeMutablePointer<UInt8>
    @usableFromInline var size = 0
    @usableFromInline var capacity: Int

    @inlinable @inline(__always) public var start: UnsafeMutablePointer<UInt8> { block }
    @inlinable @inline(__always) public var count: Int { size }
    /// The address of the next byte.
    @inlinable @inline(__always) public var end: UnsafeMutablePointer<UInt8> { block + size }

    /// Takes ownership of a block from `malloc`, which has `capacity` bytes.
    package init(block: UnsafeMutablePointer<UInt8>, capacity: Int) {
        self.block = block
        self.capacity = capacity
    }

    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        block = ByteBuffer.allocate(self.capacity)
    }

    deinit { free(block) }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: block, count: size) }

    /// Empties the buffer and keeps the block.
    package mutating func removeAll() { size = 0 }

    /// Shortens to `newCount` bytes, at most the present count.
    package mutating func truncate(to newCount: Int) { size = min(max(newCount, 0), size) }

    /// Hands over the block, with a NUL behind its `count` bytes. The receiver frees it with `free`. Without `isFitted` the block keeps its
    /// spare room, for a receiver that fits it itself or frees it soon.
    package consuming func take(isFitted: Bool = true) -> (start: UnsafeMutablePointer<UInt8>, count: Int) {
        reserve(1)
        block[size] = 0
        if isFitted, capacity &- size > 64, let fitted = realloc(block, size &+ 1) { block = fitted.assumingMemoryBound(to: UInt8.self) }
        let result = (block, size)
        discard self
        return result
    }

    /// The contents as a string. For messages and tests: it copies.
    package func string() -> String { String(decoding: bytes, as: UTF8.self) }

    /// Makes room for `extra` more bytes and a NUL.
    @inlinable @inline(__always)
    public mutating func reserve(_ extra: Int) {
        if extra &+ 1 > capacity &- size { grow(extra) }
    }

    @usableFromInline @inline(never)
    mutating func grow(_ extra: Int) {
        capacity = max(capacity &* 2, size &+ extra &+ 1)
        guard let moved = realloc(block, capacity) else { ByteBuffer.exhausted() }
        block = moved.assumingMemoryBound(to: UInt8.self)
    }

    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        block[size] = byte
        size &+= 1
    }

    @inlinable @inline(__always)
    public mutating func append(_ source: UnsafeRawBufferPointer) {
        guard let base = source.baseAddress else { return }
        reserve(source.count)
        memcpy(block + size, base, source.count)
        size &+= source.count
    }

    /// Appends `count` bytes in steps of sixteen. `source` has to be readable up to the end of the last step, which is at least sixteen
    /// bytes.
    @inlinable @inline(__always)
    public mutating func append(stepwise source: UnsafePointer<UInt8>, count: Int) {
        reserve(count &+ 16)
        copyStep(source, 0)
        if count > 16 {
            copyStep(source, 16)
            var offset = 32
            while offset < count {
                copyStep(source, offset)
                offset &+= 16
            }
        }
        size &+= count
    }

    @inlinable @inline(__always)
    func copyStep(_ source: UnsafePointer<UInt8>, _ offset: Int) {
        let step = UnsafeRawPointer(source).loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
        UnsafeMutableRawPointer(block + size).storeBytes(of: step, toByteOffset: offset, as: SIMD2<UInt64>.self)
    }

    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    // Why disfavoured: a literal should be a StaticString, which is copied from the image.
    @_disfavoredOverload
    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    package mutating func append(_ source: [UInt8]) {
        source.withUnsafeBytes { append($0) }
    }

    /// Gives `write` a pointer to `room` free bytes. It returns how many it wrote.
    @inlinable @inline(__always)
    public mutating func append(room: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        reserve(room)
        size &+= write(block + size)
    }

    private static func allocate(_ size: Int) -> UnsafeMutablePointer<UInt8> {
        guard let block = malloc(size) else { exhausted() }
        return block.assumingMemoryBound(to: UInt8.self)
    }

    // Why a trap: glibc hands out address space until the kernel kills; there is no state to go on from.
    private static func exhausted() -> Never { preconditionFailure("out of memory") }
}
