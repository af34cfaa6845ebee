import Schema
import Text

/// The attribute of a unique key or an index.
struct IndexText {
    private let index: TableIndex
    private let list: [String]
    private let map: String?

    /// Nil if the schema language cannot express the index, for example because its type has no known operator class.
    ///
    /// - Parameter fields: the field names of the index's columns.
    init?(_ index: TableIndex, _ fields: [String], of table: Table) {
        guard Expressible.has(index, of: table, fields: fields), let method = index.method, let columns = index.columns else { return nil }
        self.index = index
        var list: [String] = []
        for (part, field) in zip(index.parts, fields) {
            var options: [String] = []
            if let known = part.operatorClass, method != .bTree, method != .hash {
                let type = table.fieldType(of: part.column ?? "")
                options.append("ops: " + (Self.className(known, method, type) ?? "raw(\(Identifier.quoted(known)))"))
            }
            if part.isDescending { options.append("sort: Desc") }
            list.append(options.isEmpty ? field : "\(field)(\(options.joined(separator: ", ")))")
        }
        self.list = list
        let standard = index.isUnique ? MadeName.unique(of: table.name.name, columns) : MadeName.index(of: table.name.name, columns)
        map = index.name.isExactly(standard) ? nil : "map: \(Identifier.quoted(index.name))"
    }

    /// The attribute of a single field: `@unique`.
    var fieldAttribute: String {
        let arguments = [map, index.parts[0].isDescending ? "sort: Desc" : nil].compactMap(\.self)
        return arguments.isEmpty ? "@unique" : "@unique(\(arguments.joined(separator: ", ")))"
    }

    /// The attribute of a block: `@@unique([a, b])`, `@@index([a])`.
    func blockAttribute(name: String?) -> String {
        var arguments: [String?] = ["[\(list.joined(separator: ", "))]", name, map]
        if let method = index.method, method != .bTree { arguments.append("type: \(method.rawValue)") }
        if let condition = index.condition { arguments.append("where: raw(\(Identifier.quoted(condition)))") }
        return "@@\(index.isUnique ? "unique" : "index")(\(arguments.compactMap(\.self).joined(separator: ", ")))"
    }

    /// Returns Prisma's name of an operator class, if it has one for that type.
    private static func className(_ name: String, _ method: IndexType, _ type: (native: NativeType.Name?, isList: Bool, isUnsupported: Bool)) -> String? {
        guard let known = OperatorClass.named(inDatabase: name), known.takes(method, native: type.native, isList: type.isList) else { return nil }
        return known.name
    }
}
