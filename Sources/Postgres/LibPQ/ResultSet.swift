/// The replies to the statements of a batch, in order. They are freed when the value is destroyed.
package struct ResultSet: ~Copyable, @unchecked Sendable {  // Why unchecked: replies do not change; only `deinit` frees them.
    package private(set) var replies: [ResultHandle]
    /// The generation of the session's identity. An answer may be kept if it is the pool's.
    package var generation = IdentityRecord.noGeneration

    package init(_ replies: consuming [ResultHandle]) { self.replies = replies }

    init(_ reply: ResultHandle, of generation: UInt64) {
        replies = [reply]
        self.generation = generation
    }

    /// Drops the replies to the first statements.
    package mutating func removeFirst(_ count: Int) {
        for reply in replies.prefix(count) { reply.clear() }
        replies.removeFirst(min(count, replies.count))
    }

    deinit { for reply in replies { reply.clear() } }
}
