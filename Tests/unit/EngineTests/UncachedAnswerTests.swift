import Testing
import Text

@testable import Engine

/// Blocks of answers that are in no cache.
@Suite(.serialized) struct UncachedAnswerTests {
    /// Takes whatever other tests have left.
    private func empty() {
        for _ in 0..<Limits.keptBuffers { _ = BufferPool.buffer(capacity: Limits.largestBufferBytes) }
    }

    @Test func `a large block is written in again, a small or huge one is not kept`() {
        empty()
        let size = 2 * Limits.smallestBufferBytes
        let first = BufferPool.buffer(capacity: size).take(isFitted: false).start
        BufferPool.free(first, answerSize: size)
        var again = BufferPool.buffer(capacity: size)
        #expect(again.start == first)
        again.append("text")
        #expect(again.string() == "text")
        let other = BufferPool.buffer(capacity: size)
        #expect(other.start != again.start)
        for size in [100, 4 * Limits.largestBufferBytes] {
            let block = ByteBuffer(capacity: size).take(isFitted: false).start
            BufferPool.free(block, answerSize: size)
        }
    }

    @Test func `a spare block that is too small makes room for a larger one`() {
        empty()
        let small = Limits.smallestBufferBytes
        BufferPool.free(ByteBuffer(capacity: small).take(isFitted: false).start, answerSize: small)
        var buffer = BufferPool.buffer(capacity: 8 * small)
        for index in 0..<(8 * small) { buffer.append(UInt8(truncatingIfNeeded: index)) }
        #expect(buffer.count == 8 * small)
    }

    @Test func `no more than a few are kept`() {
        empty()
        let size = Limits.smallestBufferBytes
        let blocks = (0..<(Limits.keptBuffers + 3)).map { _ in ByteBuffer(capacity: size).take(isFitted: false).start }
        for block in blocks { BufferPool.free(block, answerSize: size) }
        let kept = (0..<Limits.keptBuffers).map { _ in BufferPool.buffer(capacity: size).take(isFitted: false).start }
        #expect(Set(kept) == Set(blocks.prefix(Limits.keptBuffers)))
        for block in kept { BufferPool.free(block, answerSize: 0) }
    }
}
