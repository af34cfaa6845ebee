import Schema
import Text

// Models, their fields, keys and indexes.
extension SchemaWriter {
    mutating func writeModel(_ model: Model) {
        object { writer in
            writer.member("fields") { writer in
                writer.objects(model.fields.filter { !$0.isIgnored }, named: \.name) { $0.writeField($1, of: model) }
            }
            writer.member("dbName") { $0.text(model.tableName) }
            writer.member("schema", model.tableSchema)
            writer.member("isView", ifTrue: model.isView)
            writer.member("documentation", model.documentation)
            if let key = model.primaryKey {
                writer.member("primaryKey") { $0.writeKey(key, model.indexes.first { $0.kind == .id }, of: model) }
            }
            writer.member("uniques") { writer in
                writer.list(model.uniqueKeys) { writer, key in
                    let index = model.indexes.first { $0.kind == .unique && !$0.isPartial && $0.columns.map(\.field) == key.fields }
                    writer.writeKey(key, index, of: model)
                }
            }
            writer.member("indexes") { $0.list(model.indexes) { $0.writeIndex($1, of: model) } }
        }
    }

    /// Writes a key under its name in `where` of `findUnique`.
    private mutating func writeKey(_ key: Key, _ index: Index?, of model: Model) {
        object { writer in
            writer.member("name") { $0.text(key.name) }
            writer.names("fields", key.fields, of: model)
            writer.member("dbName", index?.constraintName)
        }
    }

    private mutating func names(_ name: StaticString, _ fields: [Int], of model: Model) {
        member(name) { $0.list(fields) { $0.text(model.fields[$1].name) } }
    }

    private mutating func writeIndex(_ index: Index, of model: Model) {
        object { writer in
            writer.member("kind") { $0.text(index.kind.rawValue) }
            writer.member("dbName") { $0.text(index.constraintName) }
            writer.member("name", index.name)
            writer.member("type") { $0.text((index.type ?? .bTree).rawValue) }
            writer.member("isPartial", ifTrue: index.isPartial)
            writer.member("fields") { writer in
                writer.list(index.columns) { writer, column in
                    writer.object { writer in
                        writer.member("name") { $0.text(model.fields[column.field].name) }
                        if column.isDescending { writer.member("sort") { $0.text("Desc") } }
                        writer.member("operatorClass", column.operatorClass)
                    }
                }
            }
        }
    }

    // MARK: Fields

    private mutating func writeField(_ field: Field, of model: Model) {
        object { writer in
            writer.member("type") { $0.text($0.typeName(of: field)) }
            writer.member("list") { $0.truth(field.arity == .list) }
            writer.member("required") { $0.truth(field.arity == .required) }
            writer.member("relation") { $0.truth(field.isRelation) }
            writer.member("kind") { $0.text(Self.kind(of: field)) }
            writer.member("documentation", field.documentation)
            if case .relation(let relation) = field.type { return writer.writeRelation(relation, of: field, in: model) }
            writer.member("dbName") { $0.text(field.columnName) }
            writer.member("isId", ifTrue: model.primaryKey.map { $0.fields == [field.index] } ?? false)
            writer.member("isUnique", ifTrue: field.isUnique)
            writer.member("isUpdatedAt", ifTrue: field.isUpdatedAt)
            writer.member("isForeignKey", ifTrue: Self.isForeignKey(field.index, of: model))
            writer.member("hasDefaultValue") { $0.truth(field.defaultValue != nil || field.isUpdatedAt) }
            if let value = field.defaultValue { writer.member("default") { $0.writeDefault(value, of: field) } }
            writer.member("isGenerated", ifTrue: Self.isMadeByDatabase(field.defaultValue))
            if let native = field.nativeType { writer.member("nativeType") { $0.writeNativeType(native) } }
        }
    }

    private func typeName(of field: Field) -> String {
        switch field.type {
        case .scalar(let type): type.rawValue
        case .enumeration(let index): schema.enums[index].name
        case .relation(let relation): schema.models[relation.model].name
        case .unsupported(let type): type
        }
    }

    private static func kind(of field: Field) -> String {
        switch field.type {
        case .scalar: "scalar"
        case .enumeration: "enum"
        case .relation: "object"
        case .unsupported: "unsupported"
        }
    }

    private static func isForeignKey(_ field: Int, of model: Model) -> Bool {
        model.fields.contains {
            if case .relation(let relation) = $0.type, case .references(let own, _) = relation.link { own.contains(field) } else { false }
        }
    }

    /// True if the database sets the value, so that it is known only after the write.
    private static func isMadeByDatabase(_ value: DefaultValue?) -> Bool {
        switch value {
        case .autoincrement, .database: true
        default: false
        }
    }

    /// Writes `{"name": "VarChar", "arguments": [40]}`.
    private mutating func writeNativeType(_ native: NativeType) {
        object { writer in
            writer.member("name") { $0.text(native.name.rawValue) }
            if native.arguments.isEmpty { return }
            writer.member("arguments") { $0.list(native.arguments) { $0.buffer.append(decimal: $1) } }
        }
    }

    private mutating func writeRelation(_ relation: Relation, of field: Field, in model: Model) {
        let other = schema.models[relation.model]
        member("relationName") { $0.text(relation.name) }
        member("relationField") { $0.text(other.fields[relation.oppositeField].name) }
        switch relation.link {
        case .references(let own, let target):
            names("relationFromFields", own, of: model)
            names("relationToFields", target, of: other)
            member("relationOnDelete") { $0.text(relation.onDelete.rawValue) }
            member("relationOnUpdate") { $0.text(relation.onUpdate.rawValue) }
            member("dbName", relation.constraintName)
        case .referenced:
            names("relationFromFields", [], of: model)
            names("relationToFields", [], of: other)
        case .joinTable(let table):
            names("relationFromFields", [], of: model)
            names("relationToFields", [], of: other)
            member("joinTable") { writer in
                writer.object { writer in
                    writer.member("dbName") { $0.text(table.tableName) }
                    writer.member("schema", table.tableSchema)
                    writer.member("column") { $0.text(table.thisColumn) }
                    writer.member("otherColumn") { $0.text(table.otherColumn) }
                }
            }
        }
    }

    // MARK: Defaults

    /// Writes a literal in the form of request values, or `{"name": "uuid", "arguments": [7]}`.
    private mutating func writeDefault(_ value: DefaultValue, of field: Field) {
        switch value {
        case .literal(let text): writeLiteral(text, of: field)
        case .list(let texts): list(texts) { $0.writeLiteral($1, of: field) }
        case .autoincrement: writeFunction("autoincrement")
        case .now: writeFunction("now")
        case .uuid(let version): writeFunction("uuid", number: version)
        case .cuid(let version): writeFunction("cuid", number: version)
        case .ulid: writeFunction("ulid")
        case .nanoid(let length): writeFunction("nanoid", number: length)
        case .database(let expression): writeFunction("dbgenerated", text: expression)
        }
    }

    private mutating func writeLiteral(_ text: String, of field: Field) {
        guard case .scalar(let type) = field.type else { return self.text(text) }
        switch type {
        case .int: buffer.append(decimal: Int64(text) ?? 0)
        case .float: buffer.append(number: Double(text) ?? 0)
        case .boolean, .json: buffer.append(text)
        // Why: other values are exact only as text.
        default: self.text(text)
        }
    }

    private mutating func writeFunction(_ name: String, number: Int? = nil, text: String? = nil) {
        object { writer in
            writer.member("name") { $0.text(name) }
            writer.member("arguments") { writer in
                writer.buffer.append(UInt8(ascii: "["))
                if let number { writer.buffer.append(decimal: number) }
                if let text { writer.text(text) }
                writer.buffer.append(UInt8(ascii: "]"))
            }
        }
    }
}
