/// Invalidations that the tier has not confirmed. This process takes nothing with one of their tags from the
/// tier. A pure value.
package struct PendingInvalidations: Sendable {
    /// Each tag with the number of its latest addition. Empty of tags that an invalidation of everything includes.
    private var tags: [UInt64: UInt64] = [:]
    /// The number of the addition that invalidated everything.
    private var everything: UInt64?
    /// Number of additions.
    private var additions: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { tags.isEmpty && everything == nil }
    package var count: Int { tags.count + (everything == nil ? 0 : 1) }

    /// Whether one of the tags is pending; of everything, whether anything is.
    package func concern(_ read: [UInt64]?) -> Bool {
        guard !isEmpty else { return false }
        guard everything == nil, let read else { return true }
        return read.contains { tags[$0] != nil }
    }

    package mutating func add(_ change: TierChange) {
        additions += 1
        switch change {
        case .tags(let added) where tags.count + added.count <= TierLimit.pendingTags:
            for tag in added { tags[tag] = additions }
        default:
            everything = additions
            tags = [:]
        }
    }

    /// What has to be sent, with a number for `confirm`.
    package var batch: (change: TierChange, number: UInt64)? {
        if isEmpty { return nil }
        return (everything == nil ? .tags(tags.keys.sorted()) : .everything, additions)
    }

    /// The tier has confirmed a batch. Later additions stay.
    package mutating func confirm(_ number: UInt64) {
        if let added = everything, added <= number { everything = nil }
        tags = tags.filter { $0.value > number }
    }
}
