import Catalog
import Text

// Tables that inherit from others: a child follows its parent, and PostgreSQL refuses to change on it what the parent rules.
extension DatabaseDiff {
    /// Why: what a parent gets or loses, its children get and lose with it, and what is left to do for them comes after.
    func parentsFirst(_ pairs: [TablePair]) -> [TablePair] {
        let depths = pairs.map { depth(of: $0.current) }
        return KeyOrder.positions(depths).map { pairs[$0] }
    }

    /// Why: a table that others inherit from is not dropped.
    func childrenFirst(_ tables: [Table]) -> [Table] {
        let depths = tables.map { depth(of: $0) }
        return KeyOrder.positions(depths.map { -$0 }).map { tables[$0] }
    }

    private func depth(of table: Table) -> Int {
        var depth = 0
        var level = Set(table.parents)
        // PostgreSQL lets no table inherit from itself, however far around.
        while !level.isEmpty, depth < current.tables.count {
            depth += 1
            level = Set(level.flatMap { current.table($0)?.parents ?? [] })
        }
        return depth
    }

    /// The column that a child gets because a parent gets it; nil where none does.
    func inherited(_ column: String, by table: Table) -> Column? {
        for parent in ancestors(of: table) {
            guard current.table(parent)?.column(column) == nil, var found = wanted.table(parent)?.column(column) else { continue }
            (found.isInherited, found.isLocal) = (true, false)
            return found
        }
        return nil
    }

    /// Whether a column of a child can be dropped there: not while a parent keeps it, and not where it goes with the parent's.
    func mayDrop(_ column: Column, of table: Table) -> Bool {
        if !column.isInherited { return true }
        let isGone = ancestors(of: table).allSatisfy { parent in
            current.table(parent)?.column(column.name) == nil || wanted.table(parent).map { $0.column(column.name) == nil } == true
        }
        return column.isLocal && isGone && !table.parents.isEmpty
    }

    private func ancestors(of table: Table) -> [ObjectName] {
        var found: [ObjectName] = []
        var next = table.parents
        while let name = next.popLast() {
            if found.contains(name) { continue }
            found.append(name)
            next += current.table(name)?.parents ?? []
        }
        return found
    }
}
