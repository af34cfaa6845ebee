import Concurrency
import Synchronization
package import Text

/// Writes answers of one shape: rows as the server sent them in, JSON out.
///
/// Any thread may use it; it keeps the program for the columns that it saw last.
package final class RowWriter: Sendable {
    private let shape: RowShape
    private let program = Lock<RowProgram?>(nil)
    private let lastSize = Atomic<Int>(960)

    package init(_ shape: RowShape) { self.shape = shape }

    /// Room that makes it likely that an answer fits without growing: answers of one shape tend to be of one size.
    package var expectedSize: Int {
        let size = lastSize.load(ordering: .relaxed)
        return size &+ size / 8 &+ 64
    }

    /// Appends the answer to an empty buffer. Throws P6009 when it has more than `limit` bytes, P2025 when a required
    /// record is not there, P2023 when a column is not what the shape expects.
    package func write(_ results: borrowing ResultSet, into buffer: inout ByteBuffer, limit: Int) throws(Failure) {
        let program = try self.program(for: results.replies)
        var writing = RowEncoder(program, results.replies, limit: limit)
        try writing.write(into: &buffer)
        lastSize.store(buffer.count, ordering: .relaxed)
    }

    /// P6009 for an answer of `size` bytes.
    package static func tooLarge(_ size: Int, limit: Int) -> Failure { RowEncoder.tooLarge(size, limit) }

    private func program(for replies: [ResultHandle]) throws(Failure) -> RowProgram {
        if let program = program.withLock({ $0 }), program.fits(replies) { return program }
        let fresh = try RowProgram(shape, replies)
        program.withLock { $0 = fresh }
        return fresh
    }
}
