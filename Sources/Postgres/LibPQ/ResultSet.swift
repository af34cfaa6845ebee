/// The replies to the statements of a batch, in order. They are freed when the value is destroyed.
package struct ResultSet: ~Copyable, @unchecked Sendable {  // Why unchecked: replies do not change; only `deinit` frees them.
    package private(set) var replies: Replies
    /// The generation of the session's identity. An answer may be kept if it is the pool's.
    package var generation = IdentityRecord.noGeneration

    package init(_ replies: [ResultHandle]) { self.replies = Replies(replies) }

    init(_ reply: ResultHandle, of generation: UInt64 = IdentityRecord.noGeneration) {
        replies = Replies(reply)
        self.generation = generation
    }

    /// Drops the replies to the first statements.
    package mutating func removeFirst(_ count: Int) {
        for reply in replies.prefix(count) { reply.clear() }
        replies = Replies(Array(replies.dropFirst(count)))
    }

    deinit { for reply in replies { reply.clear() } }
}

/// Replies in order. One alone, which most batches have, is kept without an allocation.
package struct Replies: RandomAccessCollection {
    private enum Content {
        case one(ResultHandle)
        case several([ResultHandle])
    }

    private let content: Content

    init(_ reply: ResultHandle) { content = .one(reply) }
    init(_ replies: [ResultHandle]) { content = .several(replies) }

    package var startIndex: Int { 0 }
    package var endIndex: Int {
        switch content {
        case .one: 1
        case .several(let replies): replies.count
        }
    }

    package subscript(_ index: Int) -> ResultHandle {
        switch content {
        case .one(let reply):
            precondition(index == 0, "there is one reply")
            return reply
        case .several(let replies): return replies[index]
        }
    }

    package var first: ResultHandle? { isEmpty ? nil : self[0] }
    package var isEmpty: Bool { endIndex == 0 }
}
