import Cache
import Concurrency
import Query
import SQL
import Schema
import Synchronization
import Text

/// Automatic invalidation of one client: whether any answer relies on it, what answers depend on, and what a change means for them.
/// Any thread.
final class AutomaticInvalidation: Sendable {
    /// Whether a `cacheStrategy` that does not say is automatic.
    private let isDefault: Bool
    let tables: TableNames
    let rowKeys: RowKeyTable
    /// What the catalog is asked about.
    let catalogScope: CatalogScope
    let actions: KnownActions
    /// Whether writes have to tell what they change.
    private let mustTell: Atomic<Bool>
    /// Whether reads may rely on that.
    private let isReliable: Atomic<Bool>
    private let turning = Lock(())
    let catalogState = Lock(CatalogState())

    /// - Parameter tellsAlways: other processes may have automatic answers where this one has none.
    init(isDefault: Bool, tellsAlways: Bool = false, _ schema: Schema, _ settings: SQLSettings) {
        self.isDefault = isDefault
        tables = TableNames(schema, settings)
        rowKeys = RowKeyTable(schema, settings)
        catalogScope = CatalogScope(ChangeTriggers.tables(of: schema, settings))
        actions = KnownActions(schema, settings)
        mustTell = Atomic(isDefault || tellsAlways)
        isReliable = Atomic(isDefault)
    }

    /// Whether it adds tags to a request with that `cacheStrategy`.
    func isWanted(by strategy: CacheStrategy) -> Bool { strategy.auto ?? isDefault }

    /// Whether an automatic answer may exist. To be asked after a commit.
    var isOn: Bool { mustTell.load(ordering: .sequentiallyConsistent) }

    /// Called before each automatic read looks anything up. The first time, what is cached and what runs is made useless to automatic
    /// reads: no one has watched what was written meanwhile.
    ///
    /// A write that does not see `mustTell` had committed before, so every query that begins after this returns sees it.
    func turnOn(_ cache: Cache) {
        if isReliable.load(ordering: .acquiring) { return }
        turning.withLock { _ in
            if isReliable.load(ordering: .relaxed) { return }
            mustTell.store(true, ordering: .sequentiallyConsistent)
            cache.invalidate(tags: [AutomaticTag.everything], isCounted: false)
            isReliable.store(true, ordering: .releasing)
        }
    }

    /// The tags of an automatic read.
    func tags(of bound: borrowing BoundPlan) -> [Cache.Tag] {
        let dependencies = bound.plan.dependencies
        guard let snapshot, dependencies.tables.count <= Limits.automaticTables,
            !dependencies.tables.contains(where: { tables.isView($0) || snapshot.isUncertain($0) })
        else { return ReadDependencies.ofAnyTable }
        let namesRow = dependencies.pointRead.map { snapshot.isFit($0.key) } ?? false
        return dependencies.tags(namesRow: namesRow, bound.parameters)
    }

    /// What changes invalidate.
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
