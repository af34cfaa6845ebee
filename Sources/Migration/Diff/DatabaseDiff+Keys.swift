import Catalog
import Schema
import Text

// Compares the indexes and foreign keys of a table that stays.
extension DatabaseDiff {
    mutating func compareIndexes(_ pair: TablePair) {
        let table = pair.current.name
        var left = pair.current.indexes
        var missing: [TableIndex] = []
        // Why the same name first: two equal indexes then keep their names.
        for index in pair.wanted.indexes where !(index.columns ?? []).contains(where: { isLeft($0, table) }) {
            if let place = left.firstIndex(where: { $0.name.isExactly(index.name) && areAlike($0, index) }) {
                settle(left.remove(at: place), index, table)
            } else {
                missing.append(index)
            }
        }
        for index in missing {
            if let place = left.firstIndex(where: { areAlike($0, index) }) {
                settle(left.remove(at: place), index, table)
            } else {
                steps.append(.createIndex(index, on: table))
                if index.isUnique { note(unique: index, pair) }
            }
        }
        for index in left where canBeSaid(index, of: pair.current) || pair.wanted.indexes.contains(where: { $0.name.isExactly(index.name) }) {
            drop(index, pair)
        }
    }

    /// True if the schema language can express an index. Other indexes are left alone.
    private func canBeSaid(_ index: TableIndex, of table: Table) -> Bool {
        index.condition == nil && index.isValid && (current.isOfText ? index.columns != nil : Expressible.has(index, of: table))
    }

    // Properties that the schema language has no words for are not differences: INCLUDE, NULLS NOT DISTINCT, the order of NULLs, and the
    // operator classes of a B-tree. An index that is otherwise what the schema says stays as it is.

    private mutating func drop(_ index: TableIndex, _ pair: TablePair) {
        if index.isUnique { interruptReferences(to: pair.current, columns: index.columns ?? []) }
        steps.append(.dropIndex(index, of: pair.current.name))
    }

    /// Handles an index that stays: it is created again with a recreated column, and renamed if its name differs.
    private mutating func settle(_ old: TableIndex, _ new: TableIndex, _ table: ObjectName) {
        if interrupted.contains(Interrupted(table: table, name: ExactString(old.name))) {
            // It is gone with its column.
            // What the schema cannot express stays.
            var again = new
            again.included = old.included.filter { wanted.table(table)?.column($0) != nil }
            (again.nullsNotDistinct, again.storage) = (old.nullsNotDistinct, old.storage)
            (again.isConstraint, again.isDeferrable, again.isInitiallyDeferred) = (old.isConstraint, old.isDeferrable, old.isInitiallyDeferred)
            again.parts = zip(new.parts, old.parts).map { part($0, as: $1, table) }
            steps.append(.createIndex(again, on: table))
        } else if !old.name.isExactly(new.name) {
            steps.append(.renameIndex(in: table, from: old.name, to: new.name))
        }
    }

    /// A column of an index with the order, collation and operators that it had, where its type takes them.
    private func part(_ new: TableIndex.Part, as old: TableIndex.Part, _ table: ObjectName) -> TableIndex.Part {
        var part = new
        part.hasUnusualNulls = old.hasUnusualNulls
        guard let name = new.column, let before = current.table(table)?.column(name), let after = wanted.table(table)?.column(name),
            ColumnComparison.areWordedAlike(before, after)
        else { return part }
        part.collation = old.collation
        part.operatorClass = new.operatorClass ?? old.operatorClass
        return part
    }

    private func areAlike(_ left: TableIndex, _ right: TableIndex) -> Bool {
        guard left.isUnique == right.isUnique, left.isValid, left.method == right.method, left.parts.count == right.parts.count
        else { return false }
        switch (left.condition, right.condition) {
        case (nil, nil): break
        case (let first?, let second?): guard ExpressionText.areSame(first, second) else { return false }
        default: return false
        }
        return zip(left.parts, right.parts).allSatisfy { first, second in
            guard let name = first.column, let other = second.column, name.isExactly(other) else { return false }
            return first.isDescending == second.isDescending
                && (left.method == .bTree || areEqual(first.operatorClass, second.operatorClass))
        }
    }

    private func areEqual(_ left: String?, _ right: String?) -> Bool { left.map { ExactString($0) } == right.map { ExactString($0) } }

    private mutating func note(unique index: TableIndex, _ pair: TablePair) {
        let columns = index.columns ?? []
        guard columns.allSatisfy({ pair.current.column($0) != nil }) else { return }
        let table = pair.current.name
        risks.append(
            Risk(
                kind: .uniqueAdded, table: table, part: columns.count == 1 ? columns[0] : nil,
                reason: """
                    A unique constraint covering the columns `[\(columns.joined(separator: ","))]` on the table `\(table.name)` will be added. \
                    If there are existing duplicate values, this will fail.
                    """,
                condition: .hasDuplicates(table, columns: columns)))
    }

    // MARK: Foreign keys

    mutating func compareForeignKeys(_ pair: TablePair) {
        let table = pair.current.name
        var left = pair.current.foreignKeys
        var missing: [ForeignKey] = []
        for key in pair.wanted.foreignKeys where hasTarget(key) && !key.columns.contains(where: { isLeft($0, table) }) {
            if let place = left.firstIndex(where: { $0.name.isExactly(key.name) && areAlike($0, key) }) {
                settle(left.remove(at: place), key, table)
            } else {
                missing.append(key)
            }
        }
        for key in missing {
            if let place = left.firstIndex(where: { areAlike($0, key) }) {
                settle(left.remove(at: place), key, table)
            } else {
                var key = key
                // What the schema has no words for stays, where only the actions are others.
                if let old = left.first(where: { $0.target == key.target && Self.areEqual($0.columns, key.columns) }) {
                    (key.isDeferrable, key.isInitiallyDeferred) = (old.isDeferrable, old.isInitiallyDeferred)
                }
                steps.append(.addForeignKey(key, to: table))
                note(foreign: key, pair)
            }
        }
        // Why: the schema language cannot express a second key over the same columns.
        for key in left {
            let isSecond = pair.wanted.foreignKeys.contains { $0.target == key.target && Self.areEqual($0.columns, key.columns) && has($0, pair) }
            if !isSecond, current.isOfText || Expressible.has(key, of: pair.current, to: current.table(key.target)) {
                steps.append(.dropForeignKey(key.name, of: table))
            } else if pair.wanted.foreignKeys.contains(where: { haveSameEnds($0, key) }) {
                settle(key, key, table)
            }
        }
    }

    private func haveSameEnds(_ left: ForeignKey, _ right: ForeignKey) -> Bool {
        left.target == right.target && Self.areEqual(left.columns, right.columns) && Self.areEqual(left.targetColumns, right.targetColumns)
    }

    private mutating func settle(_ old: ForeignKey, _ new: ForeignKey, _ table: ObjectName) {
        if interrupted.contains(Interrupted(table: table, name: ExactString(old.name))) {
            steps.append(.dropForeignKey(old.name, of: table))
            var again = new
            again.isDeferrable = old.isDeferrable
            again.isInitiallyDeferred = old.isInitiallyDeferred
            again.isValidated = old.isValidated
            again.definition = old.definition
            steps.append(.addForeignKey(again, to: table))
        } else if !old.name.isExactly(new.name) {
            steps.append(.renameForeignKey(of: table, from: old.name, to: new.name))
        }
    }

    /// True if the table has the wanted key already. Another key beside it is then not its predecessor.
    private func has(_ wanted: ForeignKey, _ pair: TablePair) -> Bool { pair.current.foreignKeys.contains { areAlike($0, wanted) } }

    private func areAlike(_ left: ForeignKey, _ right: ForeignKey) -> Bool {
        haveSameEnds(left, right) && left.onDelete == right.onDelete && left.onUpdate == right.onUpdate
    }

    private mutating func note(foreign key: ForeignKey, _ pair: TablePair) {
        guard key.columns.allSatisfy({ pair.current.column($0) != nil }), let target = current.table(key.target),
            key.targetColumns.allSatisfy({ target.column($0) != nil })
        else { return }
        risks.append(
            Risk(
                kind: .foreignKeyAdded, table: pair.current.name, part: key.columns.count == 1 ? key.columns[0] : nil,
                reason: """
                    A foreign key from the columns `[\(key.columns.joined(separator: ","))]` of the table `\(pair.current.name.name)` to `\(key.target.name)` \
                    will be added. If there are rows whose key points to nothing, this will fail.
                    """,
                condition: .hasOrphans(key, pair.current.name)))
    }
}
