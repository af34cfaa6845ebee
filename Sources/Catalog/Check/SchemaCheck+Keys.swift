import Schema
import Text

// Checks primary keys, unique keys, indexes and foreign keys.
extension SchemaCheck {
    mutating func checkKeys(of model: Model, _ wanted: Table, _ found: Table) {
        checkPrimaryKey(of: model, wanted, found)
        var left = found.indexes
        for index in wanted.indexes {
            let path = path(of: index, in: model)
            let position = left.firstIndex { isSame(index, $0) } ?? left.firstIndex { isNearly(index, $0) }
            guard let position else {
                let isKey = index.isUnique && found.primaryKey.map { Set($0.columns) == Set(index.columns ?? []) } == true
                if !isKey { reportMissing(index, path, found) }
                continue
            }
            compare(index, left.remove(at: position), path, isIgnored: model.isIgnored)
        }
        for index in left where index.isPlain && Expressible.has(index, of: found) {
            let isUnique = index.isUnique && Set(index.columns ?? []) != found.primaryKey.map { Set($0.columns) }
            report("\(model.name).\(index.name)", index.isUnique ? .extraUnique : .extraIndex, nil, text(of: index), isUnique ? [.writes] : [])
        }
        checkForeignKeys(of: model.name, wanted, found)
    }

    private mutating func checkPrimaryKey(of model: Model, _ wanted: Table, _ found: Table) {
        switch (wanted.primaryKey, found.primaryKey) {
        case (nil, nil): return
        case (nil, let key?):
            report(model.name, .primaryKey, nil, "primary key (\(key.columns.joined(separator: ", ")))")
        case (let key?, let other?) where Self.areSame(key.columns, other.columns):
            if !key.name.isExactly(other.name) { report(model.name, .name, key.name, other.name) }
        case (let key?, let other):
            let isUnique = isUniqueKey(key.columns, in: found)
            let database = other.map { "primary key (\($0.columns.joined(separator: ", ")))" }
            report(model.name, .primaryKey, "primary key (\(key.columns.joined(separator: ", ")))", database, isUnique ? [] : [.writes, .correctness])
        }
    }

    private static func areSame(_ left: [String], _ right: [String]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.isExactly($1) }
    }

    private func isUniqueKey(_ columns: [String], in table: Table) -> Bool {
        let set = Set(columns)
        return table.primaryKey.map { Set($0.columns) == set } == true
            || table.indexes.contains { $0.isUnique && $0.isPlain && $0.isValid && !$0.isDeferrable && Set($0.columns ?? []) == set }
    }

    /// Returns `User.email`, or `User` for an index over several fields.
    private func path(of index: TableIndex, in model: Model) -> String {
        guard index.parts.count == 1, let column = index.parts[0].column,
            let field = model.fields.first(where: { !$0.isRelation && maker.columnName($0).isExactly(column) })
        else { return model.name }
        return "\(model.name).\(field.name)"
    }

    // MARK: Indexes

    private func isSame(_ wanted: TableIndex, _ found: TableIndex) -> Bool {
        wanted.name.isExactly(found.name) && isNearly(wanted, found)
    }

    /// True if both are over the same columns and rows. The order of a unique key's columns does not matter.
    private func isNearly(_ wanted: TableIndex, _ found: TableIndex) -> Bool {
        guard wanted.isUnique == found.isUnique, let left = wanted.columns, let right = found.columns else { return false }
        switch (wanted.condition, found.condition) {
        case (nil, nil): break
        case (let left?, let right?): if !ExpressionText.areSame(left, right) { return false }
        default: return false
        }
        return Self.areSame(left, right) || (wanted.isUnique && Set(left) == Set(right))
    }

    private mutating func reportMissing(_ index: TableIndex, _ path: String, _ found: Table) {
        guard index.isUnique else { return report(path, .index, text(of: index), nil) }
        let near = found.indexes.first { $0.isUnique && Set($0.columns ?? []) == Set(index.columns ?? []) }
        report(path, .unique, text(of: index), near.map { text(of: $0) }, [.writes, .correctness])
    }

    private mutating func compare(_ wanted: TableIndex, _ found: TableIndex, _ path: String, isIgnored: Bool) {
        let isOther =
            wanted.methodName != found.methodName
            || !zip(wanted.parts, found.parts).allSatisfy { $0.isDescending == $1.isDescending && hasSameClass($0, $1, wanted) }
            || !Self.areSame(wanted.columns ?? [], found.columns ?? [])
        // Why not a deferrable one: it is unique when a transaction ends, and the schema language has no words for it.
        if !found.isValid {
            report(path, wanted.isUnique ? .unique : .index, text(of: wanted), text(of: found), wanted.isUnique ? [.writes, .correctness] : [])
        } else if isOther {
            report(path, wanted.isUnique ? .unique : .index, text(of: wanted), text(of: found))
        }
        if !wanted.name.isExactly(found.name) { report(path, .name, wanted.name, found.name) }
    }

    /// True if the operator classes are the same. Why not for B-trees: a schema text cannot name their classes.
    private func hasSameClass(_ left: TableIndex.Part, _ right: TableIndex.Part, _ index: TableIndex) -> Bool {
        if index.method == .bTree, left.operatorClass == nil { return true }
        switch (left.operatorClass, right.operatorClass) {
        case (nil, nil): return true
        case (let left?, let right?): return left.isExactly(right)
        // Why: the schema may name the class that the type has by default.
        case (.some, nil): return true
        case (nil, .some): return false
        }
    }

    /// Returns `unique (email)` or `index (title desc) gin, where …`.
    private func text(of index: TableIndex) -> String {
        let columns = index.parts.map { part in
            (part.column ?? "…") + (part.isDescending ? " desc" : "") + (part.operatorClass.map { " " + $0 } ?? "")
        }
        var text = "\(index.isUnique ? "unique" : "index") (\(columns.joined(separator: ", ")))"
        if index.methodName != "btree" { text += " " + index.methodName }
        if let condition = index.condition { text += ", where \(condition)" }
        if !index.isValid { text += ", not valid" }
        return text
    }

    // MARK: Foreign keys

    mutating func checkForeignKeys(of path: String, _ wanted: Table, _ found: Table) {
        var left = found.foreignKeys
        for key in wanted.foreignKeys {
            let place = path + "." + key.columns.joined(separator: ",")
            guard let position = left.firstIndex(where: { isSame(key, $0) && $0.name.isExactly(key.name) }) ?? left.firstIndex(where: { isSame(key, $0) })
            else {
                report(place, .foreignKey, text(of: key), nil, [.correctness])
                continue
            }
            let other = left.remove(at: position)
            // Why not of a table of pairs: the schema language has no words for what its keys do.
            if !wanted.isJoin, key.onDelete != other.onDelete { report(place, .onDelete, key.onDelete.rawValue, other.onDelete.rawValue, [.correctness]) }
            if !wanted.isJoin, key.onUpdate != other.onUpdate { report(place, .onUpdate, key.onUpdate.rawValue, other.onUpdate.rawValue, [.correctness]) }
            if !other.isValidated { report(place, .foreignKey, text(of: key), text(of: other) + ", not valid", [.correctness]) }
            if !key.name.isExactly(other.name) { report(place, .name, key.name, other.name) }
        }
        for key in left where !wanted.foreignKeys.contains(where: { isSame($0, key) }) && Expressible.has(key, of: found, to: tables[key.target]) {
            report(path + "." + key.columns.joined(separator: ","), .extraForeignKey, nil, text(of: key), [.writes])
        }
    }

    private func isSame(_ left: ForeignKey, _ right: ForeignKey) -> Bool {
        guard left.target == right.target, left.columns.count == right.columns.count else { return false }
        let pairs = { (key: ForeignKey) in Set(zip(key.columns, key.targetColumns).map { ObjectName($0, in: $1) }) }
        return pairs(left) == pairs(right)
    }

    private func text(of key: ForeignKey) -> String {
        "(\(key.columns.joined(separator: ", "))) references \(key.target) (\(key.targetColumns.joined(separator: ", ")))"
    }
}
