import Catalog
import Schema
import Text

// Compares the columns and primary key of a table that stays.
extension DatabaseDiff {
    mutating func compareColumns(_ pair: TablePair) {
        var (changes, recreated) = ([Step.TableChange](), [Step.TableChange]())
        let (current, wanted) = (pair.current, pair.wanted)
        let dropped = current.columns.filter { wanted.column($0.name) == nil && canBeNamed($0.name) && mayDrop($0, of: current) }
        let added = wanted.columns.filter { current.column($0.name) == nil && inherited($0.name, by: current) == nil && mayAdd($0, to: current) }
        for column in dropped {
            changes.append(isKeptBelow(column.name, current) ? .dropOwnColumn(column.name) : .dropColumn(column.name))
            note(dropped: column, of: pair, among: added)
            note(lostWith: column.name, of: pair, isRecreated: false)
            interrupt(pair.current, column.name)
        }
        for column in added {
            changes.append(.addColumn(column))
            note(added: column, to: pair)
        }
        for column in wanted.columns {
            guard let found = current.column(column.name) ?? inherited(column.name, by: current) else { continue }
            let (old, new) = (followed(found, current), bound(column, current))
            let alterations = alterations(old, new, pair)
            handDown(from: old, to: new, by: alterations, of: current)
            // Prisma Migrate writes the columns that are made again after the others.
            if alterations.contains(where: \.isAddition) { recreated += alterations } else { changes += alterations }
        }
        changes += recreated
        handOn(pair)
        noteInherited(pair)
        changes += constraintsMadeAgain[current.name] ?? []
        let key = keyChanges(pair)
        if let drop = key.drop { changes.insert(drop, at: 0) }
        if let add = key.add { changes.append(add) }
        if !changes.isEmpty { steps.append(.alterTable(current.name, changes)) }
    }

    // MARK: One column

    private mutating func alterations(_ old: Column, _ new: Column, _ pair: TablePair) -> [Step.TableChange] {
        let table = pair.current.name
        let sameDefault = comparison.haveSameDefault(old, new, in: table)
        let isGeneratedAnew = !sameDefault && new.generation != nil
        if !isGeneratedAnew, comparison.haveSameType(old, new) { return changedRules(old, new, table, sameDefault) }
        // Why: it has the type that its parent's has, and gets another one there.
        if old.isInherited {
            note(leftType: new, table)
            return changedRules(old, new, table, sameDefault)
        }
        if let reason = reasonToKeepType(of: old, pair.current) {
            leave(old.isList == new.isList ? .type : .list, old.name, table, reason)
            // Why not the default: it is one of the new type.
            return changedNullability(old, new, table)
        }
        if isGeneratedAnew { return recreation(old, new, pair) }
        let change = TypeChange.between(old, new)
        if change == .impossible { return recreation(old, new, pair) }
        interruptKeys(pair.current, old.name)
        interruptPrimaryKey(pair.current, old.name)
        if change == .risky { note(narrowed: old, to: new, of: table) }
        // Why: PostgreSQL casts a default together with its column. A cast default of an enum still depends on the enum.
        let isOfEnum = if case .enumeration = old.type { true } else { false }
        let hasDefault = old.defaultValue != nil && isOfEnum
        var changes: [Step.TableChange] = hasDefault ? [.dropDefault(old.name)] : []
        if case .sequence(let sequence)? = old.defaultValue, new.isAutoincrement, case .native(let type) = new.type {
            // Why: the sequence of a `serial` column ends where the old type did.
            steps.append(.resizeSequence(sequence, type))
        }
        if hasDefault, sameDefault, new.defaultValue != nil { changes.append(.setDefault(new)) }
        changes = changedRules(old, new, table, sameDefault, isDefaultGone: hasDefault, before: changes)
        return changes + [.setType(new, collation: new.isCollatable ? old.collation : nil)]
    }

    /// Returns the changes of nullability and default, in Prisma Migrate's order. PostgreSQL executes a new type first, wherever it stands.
    private mutating func changedRules(
        _ old: Column, _ new: Column, _ table: ObjectName, _ sameDefault: Bool, isDefaultGone: Bool = false, before: [Step.TableChange] = []
    ) -> [Step.TableChange] {
        let nullability = changedNullability(old, new, table)
        var changes = before
        if !sameDefault {
            if old.identity != nil {
                changes.append(.dropIdentity(old.name))
            } else if old.generation != nil {
                changes.append(.dropExpression(old.name))
            } else if old.defaultValue != nil, !isDefaultGone, needsDrop(new) {
                changes.append(.dropDefault(old.name))
            }
            dropSequence(of: old, table)
            if case .sequence(let wished)? = new.defaultValue {
                let isAlone = current.table(table)?.hasSubclasses == true
                let sequence = freeName(of: wished, for: table, old.name)
                steps.append(.attachSequence(.init(table: table, column: new.name, sequence: sequence, isOfTableAlone: isAlone)))
                note(sequenceOf: new.name, table)
            } else if DDL(isQualified: false).defaultText(of: new) != nil {
                changes.append(.setDefault(new))
            }
        }
        return nullability + changes
    }

    private mutating func changedNullability(_ old: Column, _ new: Column, _ table: ObjectName) -> [Step.TableChange] {
        // The schema language cannot say whether a list may be NULL, and an identity column never may.
        if old.isList && new.isList || old.identity != nil && new.isAutoincrement { return [] }
        if old.isNullable, !new.isNullable {
            guard current.table(table)?.column(old.name) != nil else {
                // Why: a parent gets the column first. No row has a value for it.
                if old.defaultValue == nil { noteMissingValues(new, table) }
                return [.setNotNull(old.name)]
            }
            risks.append(
                Risk(
                    kind: .columnMadeRequired, table: table, part: old.name,
                    reason: "Made the column `\(old.name)` on table `\(table.name)` required, but there are existing NULL values.",
                    condition: .hasNulls(table, column: old.name)))
            return [.setNotNull(old.name)]
        }
        return !old.isNullable && new.isNullable && !old.isRequiredByDomain ? [.dropNotNull(old.name)] : []
    }

    private func needsDrop(_ new: Column) -> Bool {
        if case .sequence? = new.defaultValue { return false }
        return DDL(isQualified: false).defaultText(of: new) == nil
    }

    /// Returns the name of a new sequence, with a number if something else has the name. PostgreSQL does the same for a `serial` column.
    private func freeName(of wished: ObjectName, for table: ObjectName, _ column: String) -> ObjectName {
        let relations = current.tables.flatMap { table in
            [table.name] + (table.indexes.map(\.name) + (table.primaryKey.map { [$0.name] } ?? [])).map { ObjectName($0, in: table.name.schema) }
        }
        // The column's own sequence is dropped before.
        let sequences = current.sequences.filter { $0.owner?.table != table || $0.owner?.column.isExactly(column) != true }
        let taken = Set(relations + current.views.map(\.name) + sequences.map(\.name))
        var (name, number) = (wished, 0)
        while taken.contains(name) {
            number += 1
            name = ObjectName(MadeName.cut(wished.name, to: MadeName.bytes - 4) + String(number), in: wished.schema)
        }
        return name
    }

    /// Drops a sequence that belonged to the column alone.
    private mutating func dropSequence(of column: Column, _ table: ObjectName) {
        guard case .sequence(let name)? = column.defaultValue else { return }
        let owner = current.sequences.first { $0.name == name }?.owner
        if owner?.table == table, owner?.column.isExactly(column.name) == true { steps.append(.dropSequence(name)) }
    }

    private mutating func recreation(_ old: Column, _ new: Column, _ pair: TablePair) -> [Step.TableChange] {
        let table = pair.current.name
        let isWorkedOutAgain = old.generation != nil && new.generation != nil
        if isWorkedOutAgain, comparison.haveSameType(old, new) {
            remakeIndexes(pair, over: old.name)
            remakeChecks(pair, over: old.name)
        } else {
            note(lostWith: old.name, of: pair, isRecreated: true)
        }
        interrupt(pair.current, old.name)
        // Why no risk: its values are computed again.
        if isWorkedOutAgain { return [.dropColumn(old.name), .addColumn(new)] }
        let isFatal = !new.isNullable && new.defaultValue == nil && new.generation == nil && !new.isList
        let outcome =
            isFatal
            ? "No cast exists, the column would be dropped and recreated, which cannot be done if there is data, since the column is required and there is no default value."
            : "No cast exists, the column would be dropped and recreated, which will lead to data loss if there is data in the column."
        risks.append(
            Risk(
                kind: .columnRecreated, table: table, part: old.name,
                reason: "Changed the type of `\(old.name)` on the `\(table.name)` table. \(outcome)",
                condition: isFatal ? .hasRows(table) : .hasValues(table, column: old.name)))
        return [.dropColumn(old.name), .addColumn(new)]
    }

    /// Creates the indexes again that the schema cannot express. They would otherwise be lost with the column.
    private mutating func remakeIndexes(_ pair: TablePair, over column: String) {
        let table = pair.current.name
        for index in pair.current.indexes where index.definition != nil && index.isOver(column) {
            if pair.wanted.indexes.contains(where: { $0.name.isExactly(index.name) }) { continue }
            guard interrupted.insert(Interrupted(table: table, name: ExactString(index.name))).inserted else { continue }
            var again = index
            again.isMadeAgain = true
            steps += [.dropIndex(index, of: table), .createIndex(again, on: table)]
        }
    }

    /// The checks would be gone, too.
    private mutating func remakeChecks(_ pair: TablePair, over column: String) {
        let table = pair.current.name
        for constraint in pair.current.otherConstraints where constraint.isOver(column) {
            guard interrupted.insert(Interrupted(table: table, name: ExactString(constraint.name))).inserted else { continue }
            constraintsMadeAgain[table, default: []].append(.addConstraint(constraint))
        }
    }

    // MARK: Primary keys

    private mutating func keyChanges(_ pair: TablePair) -> (drop: Step.TableChange?, add: Step.TableChange?) {
        let (old, new) = (pair.current.primaryKey, pair.wanted.primaryKey)
        let table = pair.current.name
        let isSame = old.map { key in new.map { Self.areEqual(key.columns, $0.columns) } ?? false } ?? (new == nil)
        if new == nil, let old, !old.columns.allSatisfy({ canBeNamed($0) }) { return (nil, nil) }
        // A key over a column that is recreated is dropped with it.
        let isInterrupted = old.map { interrupted.contains(Interrupted(table: table, name: ExactString($0.name))) } ?? false
        if isSame, !isInterrupted {
            if let old, let new, !old.name.isExactly(new.name) { steps.append(.renamePrimaryKey(of: table, from: old.name, to: new.name)) }
            return (nil, nil)
        }
        if let old { interruptReferences(to: pair.current, columns: old.columns) }
        // Why not with new columns: they have no values yet that could be checked.
        if let new, !isSame || !retyped.contains(table), new.columns.allSatisfy({ pair.current.column($0) != nil }) {
            risks.append(
                Risk(
                    kind: .primaryKeyChanged, table: table, part: nil,
                    reason: "The primary key for the `\(table.name)` table will be changed. If its columns hold NULL or the same values twice, this will fail.",
                    condition: .hasNullsOrDuplicates(table, columns: new.columns)))
        }
        // What the schema has no words for stays.
        let added = new.map { key in
            var again = key
            guard isSame, let old else { return again }
            (again.isDeferrable, again.isInitiallyDeferred, again.storage) = (old.isDeferrable, old.isInitiallyDeferred, old.storage)
            again.included = old.included.filter { pair.wanted.column($0) != nil }
            return again
        }
        return (old.map { .dropPrimaryKey($0.name) }, added.map { .addPrimaryKey($0) })
    }

    static func areEqual(_ left: [String], _ right: [String]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.isExactly($1) }
    }

    // MARK: What depends on a column

    /// A column is dropped, and what depends on it as well.
    private mutating func interrupt(_ table: Table, _ column: String) {
        if let key = table.primaryKey, key.columns.contains(where: { $0.isExactly(column) }) {
            retyped.remove(table.name)
            interrupted.insert(Interrupted(table: table.name, name: ExactString(key.name)))
        }
        for index in table.indexes where index.isOver(column) {
            interrupted.insert(Interrupted(table: table.name, name: ExactString(index.name)))
        }
        interruptKeys(table, column)
    }

    /// A column of a primary key changes its type. Prisma Migrate makes the key again with it.
    private mutating func interruptPrimaryKey(_ table: Table, _ column: String) {
        guard remakesKeys, let key = table.primaryKey, key.columns.contains(where: { $0.isExactly(column) }) else { return }
        if interrupted.insert(Interrupted(table: table.name, name: ExactString(key.name))).inserted { retyped.insert(table.name) }
    }

    /// A column changes its type. Its foreign keys, in both directions, wait until both ends have changed.
    mutating func interruptKeys(_ table: Table, _ column: String) {
        for key in table.foreignKeys where key.columns.contains(where: { $0.isExactly(column) }) {
            interrupted.insert(Interrupted(table: table.name, name: ExactString(key.name)))
        }
        interruptReferences(to: table, columns: [column])
    }

    /// Marks the foreign keys that point to one of the columns.
    mutating func interruptReferences(to table: Table, columns: [String]) {
        let wanted = Set(columns.map { ExactString($0) })
        for other in current.tables {
            for key in other.foreignKeys where key.target == table.name && key.targetColumns.contains(where: { wanted.contains(ExactString($0)) }) {
                interrupted.insert(Interrupted(table: other.name, name: ExactString(key.name)))
            }
        }
    }
}
