import Cache
import Concurrency
import Telemetry
import Text
import Tier
import Writes

/// What a write, or a transaction of several, invalidates. It is applied after the commit and before the reply.
struct InvalidationSet: Sendable {
    /// Tables in which any row may have changed, named as in `Plan.tables`.
    var tables: Set<ExactString> = []
    /// Tables in which only the rows of `rows` changed.
    var tablesInPart: Set<ExactString> = []
    /// Changed rows, by all names under which a point read may find them, before and after the change.
    var rows: Set<Cache.Tag> = []
    /// Tags that requests named.
    var tags: Set<Cache.Tag> = []
    /// The same tags by name, for other processes.
    var names: Set<[UInt8]> = []
    /// True if it is unknown what was changed, so that every automatic answer may be outdated.
    var isEverythingAutomatic = false
    /// True if the tables themselves may have changed.
    var areTablesDefined = false
    /// True if the whole cache has to be invalidated.
    var isEverything = false

    mutating func formUnion(_ other: InvalidationSet) {
        tables.formUnion(other.tables)
        tablesInPart.formUnion(other.tablesInPart)
        rows.formUnion(other.rows)
        tags.formUnion(other.tags)
        names.formUnion(other.names)
        isEverythingAutomatic = isEverythingAutomatic || other.isEverythingAutomatic
        areTablesDefined = areTablesDefined || other.areTablesDefined
        isEverything = isEverything || other.isEverything
    }

    mutating func add(_ writeSet: WriteSet) {
        // Why: the first set then costs no allocation, and most writes are single.
        if tables.isEmpty { tables = writeSet.tables } else { tables.formUnion(writeSet.tables) }
        tablesInPart.formUnion(writeSet.tablesInPart)
        for row in writeSet.rows { rows.insert(AutomaticTag.row(row)) }
    }

    mutating func add(tag: [UInt8]) {
        tags.insert(tag.withUnsafeBytes { Cache.Tag($0) })
        names.insert(tag)
    }

    var hasTables: Bool { isEverythingAutomatic || !tables.isEmpty || !tablesInPart.isEmpty }
}

extension Client {
    /// Returns false if the second tier has not confirmed it.
    @discardableResult
    func applyInvalidations(_ changes: InvalidationSet, until deadline: Deadline = .never, cancellation: CancellationToken? = nil) -> Bool {
        core.applyInvalidations(changes, until: deadline, cancellation)
    }
}

extension Core {
    /// Drops what committed changes have made outdated. When it returns, no read that starts sees the old answers.
    ///
    /// Called after the commit, never before. A query that begins between the two would count as one that saw the change.
    ///
    /// The tier comes first: what a read takes from it until then is dropped with the own cache. Returns false if the tier has not confirmed in
    /// time. This process then takes nothing from the tier until it has.
    func applyInvalidations(_ changes: InvalidationSet, until deadline: Deadline, _ cancellation: CancellationToken?) -> Bool {
        apply(changes) { tier?.invalidate($0, until: deadline, cancellation: cancellation) ?? true }
    }

    /// Applies what others changed, without waiting for the tier.
    func hearInvalidations(_ changes: InvalidationSet) {
        _ = apply(changes) {
            tier?.forward($0)
            return true
        }
    }

    private func apply(_ changes: InvalidationSet, tell: (TierChange) -> Bool) -> Bool {
        guard let tier else { return applyHere(changes, tell: tell) }
        return tier.change { applyHere(changes, tell: tell) }
    }

    private func applyHere(_ changes: InvalidationSet, tell: (TierChange) -> Bool) -> Bool {
        if changes.areTablesDefined { automaticInvalidation.invalidateCatalog() }
        if changes.isEverything {
            let isConfirmed = tell(.everything)
            cache.invalidateAll()
            return isConfirmed
        }
        let isAutomatic = changes.hasTables && automaticInvalidation.isOn
        let automatic = isAutomatic ? automaticInvalidation.tags(of: changes) : []
        if changes.tags.isEmpty, !isAutomatic { return true }
        let isConfirmed = tier == nil || tell(.tags(changes.tags.map(\.number) + automatic.map(\.number)))
        if !changes.tags.isEmpty { cache.invalidate(tags: Array(changes.tags)) }
        if isAutomatic {
            cache.invalidate(tags: automatic, isCounted: false)
            telemetry.automaticInvalidations.add()
        }
        return isConfirmed
    }
}
