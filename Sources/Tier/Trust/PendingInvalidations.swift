/// Invalidations that the tier has not confirmed. While there is one, this process takes nothing from the tier. A value.
package struct PendingInvalidations: Sendable {
    /// How many tags are kept; beyond it everything is invalidated.
    package static let mostTags = 4096

    private var tags: Set<UInt64> = []
    private var isEverything = false
    /// How many were added: what was sent is confirmed only if nothing came meanwhile.
    private var additions: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { tags.isEmpty && !isEverything }
    package var count: Int { isEverything ? 1 : tags.count }

    package mutating func add(_ change: TierChange) {
        additions += 1
        switch change {
        case .everything: isEverything = true
        case .tags(let added): tags.formUnion(added)
        }
        if tags.count > PendingInvalidations.mostTags { isEverything = true }
        if isEverything { tags = [] }
    }

    /// What is to be sent, with a number for `confirm`.
    package var batch: (change: TierChange, number: UInt64)? {
        if isEmpty { return nil }
        return (isEverything ? .everything : .tags(tags.sorted()), additions)
    }

    /// The tier has confirmed a batch.
    package mutating func confirm(_ number: UInt64) {
        // Why not a part: to send one twice does no harm.
        guard number == additions else { return }
        tags = []
        isEverything = false
    }
}
