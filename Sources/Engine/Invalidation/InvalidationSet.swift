import Cache
import Concurrency
import Telemetry
import Text
import Tier
import Writes

/// What a write, or a transaction of several, takes effect on: made known after its commit and before its reply is visible.
struct InvalidationSet: Sendable {
    /// Tables of which any row may have changed, as `Plan.tables` names them.
    var tables: Set<ExactString> = []
    /// Tables of which no rows changed but those that `rows` names.
    var tablesInPart: Set<ExactString> = []
    /// Rows that changed, each under all names that a lookup may find it by, before and after the change.
    var rows: Set<Cache.Tag> = []
    /// Tags that requests named.
    var tags: Set<Cache.Tag> = []
    /// The same by their names, for other processes.
    var names: Set<[UInt8]> = []
    /// It is not known what was changed: all automatic answers may be old.
    var isEverythingAutomatic = false
    /// Tables may not be what they were, either.
    var areTablesDefined = false
    /// The whole cache is to be invalidated.
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
        // Why: the first one costs no allocation so, and most writes are alone.
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
    /// False when the tier has not confirmed it.
    @discardableResult
    func applyInvalidations(_ changes: InvalidationSet, until deadline: Deadline = .never) -> Bool { core.applyInvalidations(changes, until: deadline) }
}

extension Core {
    /// Drops what committed changes have made old. When it returns, no read that starts sees it any more.
    ///
    /// To be called after the commit, never before: a query that begins between the two would be taken as one that saw the change.
    ///
    /// The tier comes first: what a read takes from it until then goes with what the own cache drops. False when the tier has not confirmed it
    /// in time; then this process takes nothing from it before it has.
    func applyInvalidations(_ changes: InvalidationSet, until deadline: Deadline) -> Bool {
        apply(changes) { tier?.invalidate($0, until: deadline) ?? true }
    }

    /// The same for what others changed, without waiting for the tier.
    func hearInvalidations(_ changes: InvalidationSet) {
        _ = apply(changes) {
            tier?.forward($0)
            return true
        }
    }

    private func apply(_ changes: InvalidationSet, tell: (TierChange) -> Bool) -> Bool {
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
