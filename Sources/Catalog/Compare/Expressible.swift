import Schema
import Text

/// What of a database the schema language has words for. A pull leaves out the rest, and a migration leaves that alone.
package enum Expressible {
    /// Whether a name of the language can be made of one in the database: it has an ASCII letter.
    package static func hasName(_ databaseName: String) -> Bool { !Identifier.made(of: databaseName).isEmpty }

    /// Whether an index can be said, apart from its condition.
    ///
    /// - Parameter fields: what its columns are called; left out, names are made of them.
    package static func has(_ index: TableIndex, of table: Table, fields: [String]? = nil) -> Bool {
        guard let method = index.method, let columns = index.columns, fields != nil || columns.allSatisfy({ hasName($0) }) else { return false }
        // Why not twice: an index may have a column in two operator classes, an attribute names a field once.
        guard Set(columns.map { ExactString($0) }).count == columns.count, method != .spGist || columns.count == 1 else { return false }
        return index.parts.allSatisfy { part in
            if part.operatorClass != nil, method != .bTree, method != .hash { return true }
            let type = table.fieldType(of: part.column ?? "")
            return method.hasDefault(native: type.native, isList: type.isList, isUnsupported: type.isUnsupported)
        }
    }

    /// Whether a foreign key can be said: a relation joins named columns of the same types, of two models.
    package static func has(_ key: ForeignKey, of table: Table, to target: Table?) -> Bool {
        guard let target, !target.isPartition, target.kind != .foreign, (key.columns + key.targetColumns).allSatisfy({ hasName($0) }) else { return false }
        return joins(key, of: table, to: target)
    }

    /// Whether a foreign key joins columns of the same types.
    static func joins(_ key: ForeignKey, of table: Table, to target: Table) -> Bool {
        zip(key.columns, key.targetColumns).allSatisfy { own, other in
            guard let left = table.column(own), let right = target.column(other) else { return false }
            return kind(left) == kind(right) && left.isList == right.isList
        }
    }

    /// What has to be the same on both sides of a relation.
    private static func kind(_ column: Column) -> String {
        switch column.type {
        case .native(let native): native.name.scalar.rawValue
        case .enumeration(let name): "enum " + name.description
        case .other(let name, _): "other " + name
        }
    }
}

extension Table {
    /// What the field of a column is.
    func fieldType(of column: String) -> (native: NativeType.Name?, isList: Bool, isUnsupported: Bool) {
        guard let column = self.column(column) else { return (nil, false, true) }
        if case .native(let native) = column.type { return (native.name, column.isList, false) }
        if case .enumeration = column.type { return (nil, column.isList, false) }
        return (nil, column.isList, true)
    }
}
