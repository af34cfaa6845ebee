package import Concurrency
import Synchronization
package import Text

/// Writes answers of one shape: takes the server's rows and writes JSON.
///
/// Any thread may use it. It keeps the program for the columns that it saw last.
package final class RowWriter: Sendable {
    private let shape: RowShape
    private let program = Lock<RowProgram?>(nil)
    private let lastSize = Atomic<Int>(960)

    package init(_ shape: RowShape) { self.shape = shape }

    /// A buffer size in bytes that is probably enough, from the last answer. Answers of one shape tend to have one size.
    package var expectedSize: Int {
        let size = lastSize.load(ordering: .relaxed)
        return size &+ size / 8 &+ 64
    }

    /// Appends the answer to an empty buffer.
    ///
    /// Throws P6009 if the answer has more than `limit` bytes, and P2025 if a required record does not exist. Throws P2023 if a column
    /// is not what the shape expects. Throws P6004 at the deadline, which is looked at after each block of records.
    package func write(
        _ results: borrowing ResultSet, into buffer: inout ByteBuffer, limit: Int, until deadline: Deadline = .never
    ) throws(Failure) {
        let program = try self.program(for: results.replies)
        var encoder = RowEncoder(program, results.replies, limit: limit, until: deadline)
        try encoder.encode(into: &buffer)
        lastSize.store(buffer.count, ordering: .relaxed)
    }

    /// The failure P6009 for an answer of `size` bytes.
    package static func tooLarge(_ size: Int, limit: Int) -> Failure { RowEncoder.tooLarge(size, limit) }

    private func program(for replies: Replies) throws(Failure) -> RowProgram {
        if let program = program.withLock({ $0 }), program.fits(replies) { return program }
        let fresh = try RowProgram(shape, replies)
        program.withLock { $0 = fresh }
        return fresh
    }
}
