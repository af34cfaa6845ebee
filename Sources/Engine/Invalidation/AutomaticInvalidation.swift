import Cache
import Concurrency
import Query
import SQL
import Schema
import Synchronization
import Text

/// Automatic invalidation of one client: whether an answer relies on it, what answers depend on, and what a change affects.
///
/// Any thread may use it.
final class AutomaticInvalidation: Sendable {
    /// True if a `cacheStrategy` that does not say otherwise is automatic.
    private let isDefault: Bool
    let tables: TableNames
    let rowKeys: RowKeyTable
    /// What the catalog is asked about.
    let catalogScope: CatalogScope
    let actions: KnownActions
    /// True if writes have to report what they change.
    private let mustTell: Atomic<Bool>
    /// True if reads may rely on those reports.
    private let isReliable: Atomic<Bool>
    private let turning = Lock(())
    private let hasToldHiddenWriters = Atomic<Bool>(false)
    let catalogState = Lock(CatalogState())
    /// See `catalogVersion`. The holder of `catalogState` changes it.
    let lastCatalogVersion = Atomic<UInt64>(0)

    /// - Parameter tellsAlways: true if other processes may have automatic answers when this one has none.
    init(isDefault: Bool, tellsAlways: Bool = false, _ schema: Schema, _ settings: SQLSettings) {
        self.isDefault = isDefault
        tables = TableNames(schema, settings)
        rowKeys = RowKeyTable(schema, settings)
        catalogScope = CatalogScope(ChangeTriggers.tables(of: schema, settings))
        actions = KnownActions(schema, settings)
        mustTell = Atomic(isDefault || tellsAlways)
        isReliable = Atomic(isDefault)
    }

    /// Returns true if a request with that `cacheStrategy` is automatic.
    func isWanted(by strategy: CacheStrategy) -> Bool { strategy.auto ?? isDefault }

    /// True if an automatic answer may exist. Read after a commit.
    var isOn: Bool { mustTell.load(ordering: .sequentiallyConsistent) }

    /// Called before each automatic read looks anything up. The first call makes cached answers and running queries useless to automatic
    /// reads, because nothing has recorded the writes so far.
    ///
    /// A write that does not see `mustTell` had committed before. So every query that begins after this call sees the write.
    func turnOn(_ cache: Cache) {
        if isReliable.load(ordering: .acquiring) { return }
        turning.withLock { _ in
            if isReliable.load(ordering: .relaxed) { return }
            mustTell.store(true, ordering: .sequentiallyConsistent)
            cache.invalidate(tags: [AutomaticTag.everything], isCounted: false)
            isReliable.store(true, ordering: .releasing)
        }
    }

    /// Returns the tags of an automatic read.
    func tags(of bound: borrowing BoundPlan) -> [Cache.Tag] {
        let dependencies = bound.plan.dependencies
        guard let snapshot, dependencies.tables.count <= Limits.automaticTables,
            !dependencies.tables.contains(where: { tables.isView($0) || snapshot.isUncertain($0) })
        else { return ReadDependencies.ofAnyTable }
        let namesRow = dependencies.pointRead.map { snapshot.isFit($0.key) } ?? false
        return dependencies.tags(namesRow: namesRow, bound.parameters)
    }

    /// Whether a raw statement that reads may change something, by a function that it calls. Without a catalog it may.
    func mayWrite(_ statement: String) -> Bool { isOn && snapshot?.readEffects.mayWrite(statement) ?? true }

    /// True once if raw statements that read drop everything, whatever their text is.
    func takeHiddenWriters() -> Bool {
        guard isOn, snapshot?.readEffects.areHidden == true else { return false }
        return !hasToldHiddenWriters.exchange(true, ordering: .relaxed)
    }

    /// Returns the tags that changes invalidate.
    func tags(of changes: InvalidationSet) -> [Cache.Tag] {
        guard let snapshot, !changes.isEverythingAutomatic, !changes.tables.contains(where: snapshot.mayWriteElsewhere),
            !changes.tablesInPart.contains(where: snapshot.mayWriteElsewhere)
        else { return [AutomaticTag.everything] }
        var whole = changes.tables
        for table in changes.tables { whole.formUnion(snapshot.reached(from: table)) }
        for table in changes.tablesInPart { whole.formUnion(snapshot.reached(from: table)) }
        if whole.count > changes.tables.count, whole.contains(where: snapshot.mayWriteElsewhere) { return [AutomaticTag.everything] }
        var tags = [AutomaticTag.anyTable]
        tags.reserveCapacity(1 + 2 * whole.count + 2 * changes.tablesInPart.count + changes.rows.count)
        for table in whole {
            tags.append(AutomaticTag.table(table))
            tags.append(AutomaticTag.rows(of: table))
        }
        for table in changes.tablesInPart {
            tags.append(AutomaticTag.table(table))
            if snapshot.mayChangeKeys(table) { tags.append(AutomaticTag.rows(of: table)) }
        }
        tags += changes.rows
        return tags
    }
}
