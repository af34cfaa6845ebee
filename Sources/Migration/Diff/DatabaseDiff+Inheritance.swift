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
            guard current.table(parent)?.column(column) == nil, var found = wanted.table(parent)?.column(column), !isLeft(column, parent) else { continue }
            (found.isInherited, found.isLocal) = (true, false)
            return found
        }
        return nil
    }

    /// True unless a table below has a column of that name and of another type, which PostgreSQL does not merge.
    mutating func mayAdd(_ column: Column, to table: Table) -> Bool {
        let blocker = tables(below: table).first { child in
            child.column(column.name).map { !ColumnComparison.areWordedAlike($0, column) } == true
        }
        guard let blocker else { return true }
        let reason = "The table `\(blocker.name.name)` inherits from it, and has a column of that name with another type."
        leave(.missingColumn, column.name, table.name, reason)
        return false
    }

    /// The reason why a column keeps its type: a table below inherits it from another parent as well. PostgreSQL changes it at neither parent.
    func reasonToKeepType(of column: Column, _ table: Table) -> String? {
        let below = tables(below: table)
        let family = Set(below.map(\.name) + [table.name])
        for child in below where child.column(column.name) != nil {
            let other = child.parents.first { !family.contains($0) && current.table($0)?.column(column.name) != nil }
            guard let other else { continue }
            return """
                The table `\(child.name.name)` inherits the column from `\(other.name)`, too, so PostgreSQL does not change its type. \
                Let it inherit from one of them alone, by `ALTER TABLE … NO INHERIT`.
                """
        }
        return nil
    }

    private func tables(below table: Table) -> [Table] {
        table.hasSubclasses ? current.tables.filter { !$0.parents.isEmpty && ancestors(of: $0).contains(table.name) } : []
    }

    /// True if the column is not made. Nor is then what needs it.
    func isLeft(_ column: String, _ table: ObjectName) -> Bool {
        left.contains { $0.kind == .missingColumn && $0.table == table && $0.column.isExactly(column) }
    }

    /// Whether a column of a child can be dropped there: not while a parent keeps it, and not where it goes with the parent's.
    func mayDrop(_ column: Column, of table: Table) -> Bool {
        if !column.isInherited { return !ancestors(of: table).contains { wanted.table($0)?.column(column.name) != nil } }
        return isGoneAbove(column.name, table) && (column.isLocal || isReleased(column.name, table))
    }

    /// True if every table that this one inherits a column from drops it.
    private func isGoneAbove(_ column: String, _ table: Table) -> Bool {
        !table.parents.isEmpty
            && ancestors(of: table).allSatisfy { parent in
                // Why the wanted one first: a parent may get the column only now.
                if let next = wanted.table(parent) { return next.column(column) == nil }
                return current.table(parent)?.column(column) == nil
            }
    }

    /// True if a parent drops a column without its children, whose own it is then.
    private func isReleased(_ column: String, _ table: Table) -> Bool {
        table.parents.contains { parent in current.table(parent).map { $0.column(column) != nil && isKeptBelow(column, $0) } == true }
    }

    /// True if a table that inherits from this one keeps a column that this one drops.
    func isKeptBelow(_ column: String, _ table: Table) -> Bool {
        guard table.hasSubclasses else { return false }
        return current.tables.contains { other in
            !other.parents.isEmpty && wanted.table(other.name)?.column(column) != nil && ancestors(of: other).contains(table.name)
        }
    }

    /// Returns the tables as they are without those that are dropped while a child stays, and the steps for that.
    static func withoutDroppedParents(_ current: Database, _ wanted: Database) -> (Database, [Step]) {
        var (database, steps) = (current, [Step]())
        for index in current.tables.indices where !current.tables[index].parents.isEmpty {
            let table = current.tables[index]
            guard wanted.table(table.name) != nil else { continue }
            let dropped = table.parents.filter { parent in wanted.table(parent) == nil && current.table(parent).map(isOurs) == true }
            if dropped.isEmpty { continue }
            steps += dropped.map { .endInheritance(of: table.name, from: $0) }
            let kept = table.parents.filter { !dropped.contains($0) }
            database.tables[index].parents = kept
            for place in table.columns.indices where !kept.contains(where: { current.table($0)?.column(table.columns[place].name) != nil }) {
                (database.tables[index].columns[place].isInherited, database.tables[index].columns[place].isLocal) = (false, true)
            }
        }
        return (database, steps)
    }

    /// True if a table that inherits from a dropped one stays.
    func isOutlived(_ dropped: ObjectName) -> Bool {
        steps.contains { step in
            if case .endInheritance(_, dropped) = step { return true }
            return false
        }
    }

    // MARK: What a parent's steps do to its children

    /// The properties of a column that a parent's step has changed. Nil for what it has left alone.
    struct HandedDown {
        var type: Column?
        var isNullable: Bool?
        var defaultValue: Column?
    }

    /// Returns a column as the steps of the parents leave it.
    func followed(_ column: Column, _ table: Table) -> Column {
        if table.parents.isEmpty { return column }
        var result = column
        if column.isInherited, isGoneAbove(column.name, table) { result.isInherited = false }
        guard let change = change(of: column.name, above: table) else { return result }
        if let type = change.type { (result.type, result.isList) = (type.type, type.isList) }
        if let isNullable = change.isNullable { result.isNullable = isNullable }
        if let other = change.defaultValue {
            result.defaultValue = other.defaultValue
            result.defaultText = other.defaultText ?? DDL(isQualified: true).defaultText(of: other)
        }
        return result
    }

    private func change(of column: String, above table: Table) -> HandedDown? {
        var result: HandedDown?
        for parent in table.parents {
            guard let change = handedDown[parent]?[ExactString(column)] else { continue }
            result = HandedDown(
                type: result?.type ?? change.type, isNullable: result?.isNullable ?? change.isNullable,
                defaultValue: result?.defaultValue ?? change.defaultValue)
        }
        return result
    }

    /// Notes what the changes of a column do to the tables that inherit from this one.
    mutating func handDown(from old: Column, to new: Column, by changes: [Step.TableChange], of table: Table) {
        guard table.hasSubclasses else { return }
        var change = change(of: old.name, above: table) ?? HandedDown()
        for step in changes {
            switch step {
            case .addColumn: change = HandedDown(type: new, isNullable: new.isNullable, defaultValue: new)
            case .setType: change.type = new
            case .setNotNull: change.isNullable = false
            case .dropNotNull: change.isNullable = true
            case .setDefault, .dropDefault, .dropExpression: change.defaultValue = new
            default: break
            }
        }
        handedDown[table.name, default: [:]][ExactString(old.name)] = change
    }

    /// Notes what reaches the tables below through a column that the model of a table does not have.
    mutating func handOn(_ pair: TablePair) {
        guard pair.current.hasSubclasses else { return }
        for parent in pair.current.parents {
            for name in (handedDown[parent] ?? [:]).keys where pair.wanted.column(name.text) == nil {
                handedDown[pair.current.name, default: [:]][name] = change(of: name.text, above: pair.current)
            }
        }
    }

    // MARK: What stays different

    /// Returns the wanted column, required if a parent's is. Why: a read of the parent returns the rows of its children, too.
    mutating func bound(_ column: Column, _ table: Table) -> Column {
        guard column.isNullable, !column.isList, let parent = ancestors(of: table).first(where: { isRequired(column.name, in: $0) }) else { return column }
        var result = column
        result.isNullable = false
        leaveUnlike(.nullability, column.name, table.name, "It is optional there and required in `\(parent.name)`, which `\(table.name.name)` inherits from.")
        return result
    }

    private func isRequired(_ column: String, in table: ObjectName) -> Bool {
        wanted.table(table)?.column(column).map { !$0.isNullable && !$0.isList } == true
    }

    /// Notes a column whose type is its parent's, and not what the schema says.
    mutating func note(leftType column: Column, _ table: ObjectName) {
        let parent = current.table(table).flatMap { ancestors(of: $0).first { wanted.table($0)?.column(column.name) != nil } }
        let name = parent.map { "`\($0.name)`" } ?? "a table of another schema"
        leaveUnlike(.type, column.name, table, "It has another type in \(name), which `\(table.name)` inherits from.")
    }

    /// Notes the columns of parents that a table has and its model has not.
    mutating func noteInherited(_ pair: TablePair) {
        var names: [(column: String, parent: ObjectName)] = []
        for parent in ancestors(of: pair.current) {
            for column in wanted.table(parent)?.columns ?? [] where pair.wanted.column(column.name) == nil && canBeNamed(column.name) {
                if !names.contains(where: { $0.column.isExactly(column.name) }) { names.append((column.name, parent)) }
            }
        }
        for (column, parent) in names {
            leaveUnlike(.extraColumn, column, pair.current.name, "`\(parent.name)` has the column, and `\(pair.current.name.name)` inherits it.")
        }
    }

    private mutating func leaveUnlike(_ kind: SchemaDifference.Kind, _ column: String, _ table: ObjectName, _ reason: String) {
        leave(kind, column, table, reason + " Make both models alike.")
    }

    mutating func leave(_ kind: SchemaDifference.Kind, _ column: String, _ table: ObjectName, _ reason: String) {
        left.append(LeftDifference(kind: kind, table: table, column: column, reason: reason))
    }

    /// Returns the tables that a table inherits from, the nearest first.
    private func ancestors(of table: Table) -> [ObjectName] {
        var found: [ObjectName] = []
        var next = table.parents[...]
        while let name = next.popFirst() {
            if found.contains(name) { continue }
            found.append(name)
            next += current.table(name)?.parents ?? []
        }
        return found
    }
}
