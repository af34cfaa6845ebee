import Schema
import Text

/// What the schema language can express. A pull leaves out the rest of a database, and a migration leaves it alone.
package enum Expressible {
    /// True if a name in the database can be turned into a schema name: it has an ASCII letter.
    package static func hasName(_ databaseName: String) -> Bool { !Identifier.made(of: databaseName).isEmpty }

    /// True if an index can be expressed, apart from its condition.
    ///
    /// - Parameter fields: the field names of its columns. Nil: the names are made from the columns.
    package static func has(_ index: TableIndex, of table: Table, fields: [String]? = nil) -> Bool {
        guard let method = index.method, let columns = index.columns, fields != nil || columns.allSatisfy({ hasName($0) }) else { return false }
        // Why no column twice: an index may have a column in two operator classes, but an attribute names a field once.
        guard Set(columns.map { ExactString($0) }).count == columns.count, method != .spGist || columns.count == 1 else { return false }
        return index.parts.allSatisfy { part in
            if part.operatorClass != nil, method != .bTree, method != .hash { return true }
            let type = table.fieldType(of: part.column ?? "")
            return method.hasDefault(native: type.native, isList: type.isList, isUnsupported: type.isUnsupported)
        }
    }

    /// True if a foreign key can be expressed: a relation joins named columns of the same types, of two models.
    package static func has(_ key: ForeignKey, of table: Table, to target: Table?) -> Bool {
        guard let target, !target.isPartition, target.kind != .foreign, (key.columns + key.targetColumns).allSatisfy({ hasName($0) }) else { return false }
        return joins(key, of: table, to: target)
    }

    /// True if a foreign key joins columns of the same types.
    static func joins(_ key: ForeignKey, of table: Table, to target: Table) -> Bool {
        zip(key.columns, key.targetColumns).allSatisfy { own, other in
            guard let left = table.column(own), let right = target.column(other) else { return false }
            return kind(left) == kind(right) && left.isList == right.isList
        }
    }

    /// What has to be equal on both sides of a relation.
    private static func kind(_ column: Column) -> String {
        switch column.type {
        case .native(let native): native.name.scalar.rawValue
        case .enumeration(let name): "enum " + name.description
        case .other(let name, _): "other " + name
        }
    }
}

extension Table {
    /// Returns the schema type of a column's field.
    func fieldType(of column: String) -> (native: NativeType.Name?, isList: Bool, isUnsupported: Bool) {
        guard let column = self.column(column) else { return (nil, false, true) }
        if case .native(let native) = column.type { return (native.name, column.isList, false) }
        if case .enumeration = column.type { return (nil, column.isList, false) }
        return (nil, column.isList, true)
    }
}
