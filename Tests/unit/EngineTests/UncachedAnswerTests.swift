import Testing
import Text

@testable import Engine

/// Blocks of answers that are in no cache.
@Suite(.serialized) struct UncachedAnswerTests {
    /// Takes whatever other tests have left.
    private func empty() {
        for _ in 0..<SpareBlocks.Limits.count { _ = SpareBlocks.buffer(capacity: SpareBlocks.Limits.largestBytes) }
    }

    @Test func `a large block is written in again, a small or huge one is not kept`() {
        empty()
        let size = 2 * SpareBlocks.Limits.smallestBytes
        let first = SpareBlocks.buffer(capacity: size).take(isFitted: false).start
        SpareBlocks.free(first, answerSize: size)
        var again = SpareBlocks.buffer(capacity: size)
        #expect(again.start == first)
        again.append("text")
        #expect(again.string() == "text")
        let other = SpareBlocks.buffer(capacity: size)
        #expect(other.start != again.start)
        for size in [100, 4 * SpareBlocks.Limits.largestBytes] {
            let block = ByteBuffer(capacity: size).take(isFitted: false).start
            SpareBlocks.free(block, answerSize: size)
        }
    }

    @Test func `a spare block that is too small makes room for a larger one`() {
        empty()
        let small = SpareBlocks.Limits.smallestBytes
        SpareBlocks.free(ByteBuffer(capacity: small).take(isFitted: false).start, answerSize: small)
        var buffer = SpareBlocks.buffer(capacity: 8 * small)
        for index in 0..<(8 * small) { buffer.append(UInt8(truncatingIfNeeded: index)) }
        #expect(buffer.count == 8 * small)
    }

    @Test func `no more than a few are kept`() {
        empty()
        let size = SpareBlocks.Limits.smallestBytes
        let blocks = (0..<(SpareBlocks.Limits.count + 3)).map { _ in ByteBuffer(capacity: size).take(isFitted: false).start }
        for block in blocks { SpareBlocks.free(block, answerSize: size) }
        let kept = (0..<SpareBlocks.Limits.count).map { _ in SpareBlocks.buffer(capacity: size).take(isFitted: false).start }
        #expect(Set(kept) == Set(blocks.prefix(SpareBlocks.Limits.count)))
        for block in kept { SpareBlocks.free(block, answerSize: 0) }
    }
}
