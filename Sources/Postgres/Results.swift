/// The rows that the statements of a batch gave, in their order. Frees them when it goes.
package struct Results: ~Copyable, @unchecked Sendable {  // Why unchecked: replies do not change; only `deinit` frees them.
    package private(set) var replies: [Reply]

    package init(_ replies: consuming [Reply]) { self.replies = replies }

    deinit { for reply in replies { reply.clear() } }
}
