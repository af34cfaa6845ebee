import Query
import Schema
import Text

extension Client {
    /// `$schema`: the data model for code generators, and for bindings that convert JSON to their own values and back.
    /// `docs/reference/schema.md` describes each member.
    ///
    ///     {"models": {"User": {"fields": {"id": {"type": "Int", "list": false, "required": true, "relation": false, …}}, …}},
    ///      "enums": {"Role": ["ADMIN", …]}, …}
    func describeSchema(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> Reply {
        try OperationArguments.none(envelope, document)
        var writer = SchemaWriter(schema)
        writer.writeAll()
        return .plain(writer.finish())
    }
}

/// Writes a schema as JSON. Members that are false, empty or missing are left out, except for those that the first version had.
struct SchemaWriter: ~Copyable {
    let schema: Schema
    var buffer = ByteBuffer(capacity: 16_384)

    init(_ schema: Schema) { self.schema = schema }

    consuming func finish() -> ByteBuffer { buffer }

    mutating func writeAll() {
        object { writer in
            writer.member("models") { $0.objects($0.schema.models, named: \.name) { $0.writeModel($1) } }
            writer.member("enums") { writer in
                writer.objects(writer.schema.enums, named: \.name) { $0.list($1.values) { $0.text($1.name) } }
            }
            writer.member("enumTypes") { $0.objects($0.schema.enums, named: \.name) { $0.writeEnumeration($1) } }
            writer.member("datasource") { $0.writeDatasource() }
            writer.member("digest") { $0.text($0.digest) }
        }
    }

    /// A digest of everything that a query could notice. Generated code compares it with the digest of its source.
    private var digest: String {
        var hash = SHA256()
        Array(schema.canonicalDescription.utf8).withUnsafeBytes { hash.update($0) }
        return hash.finish().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private mutating func writeDatasource() {
        object { writer in
            let datasource = writer.schema.datasource
            writer.member("name", datasource?.name)
            writer.member("provider") { $0.text("postgresql") }
            writer.member("relationMode") { $0.text(datasource?.relationMode == .prisma ? "prisma" : "foreignKeys") }
            if let schemas = datasource?.schemas, !schemas.isEmpty { writer.member("schemas") { $0.list(schemas) { $0.text($1) } } }
        }
    }

    private mutating func writeEnumeration(_ enumeration: Enumeration) {
        object { writer in
            writer.member("values") { writer in
                writer.list(enumeration.values) { writer, value in
                    writer.object { writer in
                        writer.member("name") { $0.text(value.name) }
                        writer.member("dbName") { $0.text(value.databaseName) }
                        writer.member("documentation", value.documentation)
                    }
                }
            }
            writer.member("dbName") { $0.text(enumeration.typeName) }
            writer.member("schema", enumeration.typeSchema)
            writer.member("documentation", enumeration.documentation)
        }
    }

    // MARK: JSON

    /// Writes an object, whose members are written by `member`.
    mutating func object(_ write: (inout SchemaWriter) -> Void) {
        buffer.append(UInt8(ascii: "{"))
        write(&self)
        buffer.append(UInt8(ascii: "}"))
    }

    mutating func member(_ name: StaticString, _ write: (inout SchemaWriter) -> Void) {
        if buffer.bytes.last != UInt8(ascii: "{") { buffer.append(UInt8(ascii: ",")) }
        buffer.append(jsonString: "\(name)")
        buffer.append(UInt8(ascii: ":"))
        write(&self)
    }

    /// Writes a text that may be missing.
    mutating func member(_ name: StaticString, _ text: String?) {
        if let text { member(name) { $0.text(text) } }
    }

    /// Writes a boolean, but only if it is true.
    mutating func member(_ name: StaticString, ifTrue value: Bool) {
        if value { member(name) { $0.truth(true) } }
    }

    mutating func text(_ text: String) { buffer.append(jsonString: text) }
    mutating func truth(_ value: Bool) { buffer.append(value ? "true" : "false") }

    mutating func list<Element>(_ elements: [Element], _ write: (inout SchemaWriter, Element) -> Void) {
        buffer.append(UInt8(ascii: "["))
        separate(elements, write)
        buffer.append(UInt8(ascii: "]"))
    }

    /// Writes an object whose members have names from the schema.
    mutating func objects<Element>(
        _ elements: [Element], named name: KeyPath<Element, String>, _ write: (inout SchemaWriter, Element) -> Void
    ) {
        buffer.append(UInt8(ascii: "{"))
        separate(elements) { writer, element in
            writer.buffer.append(jsonString: element[keyPath: name])
            writer.buffer.append(UInt8(ascii: ":"))
            write(&writer, element)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// Has `write` append each element, with commas between.
    private mutating func separate<Element>(_ elements: [Element], _ write: (inout SchemaWriter, Element) -> Void) {
        for (position, element) in elements.enumerated() {
            if position > 0 { buffer.append(UInt8(ascii: ",")) }
            write(&self, element)
        }
    }
}
