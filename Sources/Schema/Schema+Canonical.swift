extension Schema {
    /// A text that is the same for schemas with the same meaning. It differs if anything differs that a query could notice: models, fields,
    /// types, defaults, keys, enums, relations, names in the database. Comments, blanks, generators and the order of attributes do not
    /// matter.
    ///
    /// The connection's URL is not part of it, because it may hold a password.
    /// It is for digests. Each word has its length in front, so different schemas have different texts.
    package var canonicalDescription: String {
        var writer = CanonicalSchemaWriter()
        writer.writeLine("datasource", (datasource?.relationMode ?? .foreignKeys) == .prisma ? "prisma" : "foreignKeys")
        for schema in datasource?.schemas ?? [] { writer.writeLine("schema", schema) }
        for enumeration in enums { writer.writeEnumeration(enumeration) }
        for model in models { writer.writeModel(model) }
        return writer.text
    }
}

/// Writes `length:word` pairs, one line for each thing.
private struct CanonicalSchemaWriter {
    var text = ""

    mutating func writeLine(_ words: String?...) {
        for word in words { add(word) }
        endLine()
    }

    private mutating func add(_ word: String?) {
        if let word { text += "\(word.utf8.count):\(word) " } else { text += "- " }
    }

    private mutating func add(_ number: Int) { text += "\(number) " }

    private mutating func endLine() { text += "\n" }

    mutating func writeEnumeration(_ enumeration: Enumeration) {
        writeLine("enum", enumeration.name, enumeration.typeName, enumeration.typeSchema)
        for value in enumeration.values { writeLine("value", value.name, value.databaseName) }
    }

    mutating func writeModel(_ model: Model) {
        writeLine(model.isView ? "view" : "model", model.name, model.tableName, model.tableSchema)
        for field in model.fields { writeField(field) }
        if let key = model.primaryKey { writeKey(key, "id") }
        for key in model.uniqueKeys { writeKey(key, "unique") }
        for index in model.indexes { writeIndex(index) }
    }

    private mutating func writeKey(_ key: Key, _ kind: String) {
        add(kind)
        add(key.name)
        for field in key.fields { add(field) }
        endLine()
    }

    private mutating func writeIndex(_ index: Index) {
        add("index")
        add(index.kind.rawValue)
        add(index.name)
        add(index.constraintName)
        add(index.type?.rawValue)
        add(index.isPartial ? "partial" : "whole")
        for column in index.columns {
            add(column.field)
            add(column.isDescending ? "descending" : "ascending")
            add(column.operatorClass)
        }
        endLine()
    }

    private mutating func writeField(_ field: Field) {
        add("field")
        add(field.name)
        add(field.columnName)
        switch field.arity {
        case .required: add("required")
        case .optional: add("optional")
        case .list: add("list")
        }
        if let native = field.nativeType {
            add(native.name.rawValue)
            for argument in native.arguments { add(argument) }
        }
        if field.isUpdatedAt { add("updatedAt") }
        if field.isIgnored { add("ignored") }
        if let value = field.defaultValue { writeDefault(value) }
        writeType(field.type)
        endLine()
    }

    private mutating func writeDefault(_ value: DefaultValue) {
        add("default")
        switch value {
        case .literal(let text):
            add("literal")
            add(text)
        case .list(let texts):
            add("list")
            add(texts.count)
            for text in texts { add(text) }
        case .autoincrement: add("autoincrement")
        case .now: add("now")
        case .uuid(let version):
            add("uuid")
            add(version)
        case .cuid(let version):
            add("cuid")
            add(version)
        case .ulid: add("ulid")
        case .nanoid(let length):
            add("nanoid")
            add(length)
        case .database(let expression):
            add("database")
            add(expression)
        }
    }

    private mutating func writeType(_ type: FieldType) {
        switch type {
        case .scalar(let scalar): add(scalar.rawValue)
        case .enumeration(let index):
            add("enum")
            add(index)
        case .unsupported(let name):
            add("unsupported")
            add(name)
        case .relation(let relation): writeRelation(relation)
        }
    }

    private mutating func writeRelation(_ relation: Relation) {
        add("relation")
        add(relation.name)
        add(relation.model)
        add(relation.oppositeField)
        add(relation.onDelete.rawValue)
        add(relation.onUpdate.rawValue)
        switch relation.link {
        case .references(let fields, let target): add(positions: fields, target, "references")
        case .referenced(let fields, let by): add(positions: fields, by, "referenced")
        case .joinTable(let table):
            add(table.tableName)
            add(table.tableSchema)
            add(table.thisColumn)
            add(table.otherColumn)
            add(positions: [table.thisField], [table.otherField], "joined")
        }
    }

    private mutating func add(positions own: [Int], _ other: [Int], _ kind: String) {
        add(kind)
        for position in own + other { add(position) }
    }
}
