import SQL
import Schema
import Text

/// The relations of the catalog and their connections: partitions, children, and foreign keys with actions.
struct CatalogGraph {
    private struct ForeignKey {
        var referenced: Int64
        var holder: Int64
        /// Nil if the catalog's words were not understood.
        var rule: KnownActions.Rule?
        /// True if it refers to a generated column.
        var isGenerated: Bool
    }

    private var children: [Int64: [Int64]] = [:]
    private var family: [Int64: [Int64]] = [:]
    private var keys: [Int64: [ForeignKey]] = [:]
    private var active: Set<Int64> = []
    private var adjusting: Set<Int64> = []
    private var names: [Int64: [String]] = [:]

    /// Adds a row of `CatalogFacts.statement`.
    mutating func add(_ kind: String, _ id: Int64, _ other: Int64?, _ bytes: [UInt8], _ text: String?, _ flag: Bool) {
        switch (kind, other) {
        case ("child", let child?):
            children[id, default: []].append(child)
            family[id, default: []].append(child)
            family[child, default: []].append(id)
        case ("key", let holder?):
            keys[id, default: []].append(ForeignKey(referenced: id, holder: holder, rule: KnownActions.Rule(bytes), isGenerated: flag))
        case ("trigger", _):
            guard let text, TriggerSource.onlyAdjusts(text) else {
                active.insert(id)
                return
            }
            if flag { adjusting.insert(id) }
        default: active.insert(id)
        }
    }

    mutating func name(_ id: Int64, _ table: String) { names[id, default: []].append(table) }

    func isNamedOnce(_ id: Int64) -> Bool { names[id]?.count == 1 }

    /// Returns what a write of the relation affects, apart from its columns.
    func table(_ id: Int64, _ actions: KnownActions) -> CatalogSnapshot.Table {
        var table = CatalogSnapshot.Table()
        let own = closure([id]) { children[$0] ?? [] }
        // Why the other members of a family as well: a write to a partition changes the table.
        let everything = closure(own) { (family[$0] ?? []) + (keys[$0] ?? []).map(\.holder) }
        let unknown = everything.flatMap { keys[$0] ?? [] }.filter { !isKnown($0, actions) }.map(\.holder)
        let beyond = closure(Set(unknown)) { (family[$0] ?? []) + (keys[$0] ?? []).map(\.holder) }
        table.isActive = !active.isDisjoint(with: own) || !active.isDisjoint(with: beyond)
        table.mayChangeKeys = !adjusting.isDisjoint(with: own)
        table.reached = Set(beyond.flatMap { names[$0] ?? [] }.map { ExactString($0) })
        return table
    }

    /// Returns true if the schema describes the key's actions. A key that a trigger may change does not count.
    private func isKnown(_ key: ForeignKey, _ actions: KnownActions) -> Bool {
        guard let rule = key.rule, !key.isGenerated, names[key.holder]?.count == 1, names[key.referenced]?.count == 1,
            let holder = names[key.holder]?.first, let referenced = names[key.referenced]?.first
        else { return false }
        if rule.hasUpdateAction, adjusting.contains(key.referenced) { return false }
        return actions.cover(rule, of: holder, to: referenced)
    }

    private func closure(_ start: Set<Int64>, _ next: (Int64) -> [Int64]) -> Set<Int64> {
        var known = start
        var open = Array(start)
        while let id = open.popLast() {
            for other in next(id) where known.insert(other).inserted { open.append(other) }
        }
        return known
    }
}
