package import Schema

/// A unique key by which automatic invalidation identifies rows. A read by its values depends on no other row of the table.
///
/// Each of its columns has values that are equal exactly if their texts are, after normalization: integers, text, enums, booleans, UUIDs.
/// Decimals do not qualify, because 1.0 equals 1.00. Neither does any other type.
package struct RowKey: Sendable {
    private enum Form: Sendable { case exact, truth, uuid }

    /// How the database must store a column so that equal values have equal names. A domain counts as its base type.
    package enum Kind: Int, Sendable { case text = 1, integer, truth, uuid, label }

    /// The name of the table in `Plan.tables`.
    package let table: String
    /// Positions in `Model.fields`.
    package let fields: [Int]
    /// The columns, in the order of `fields`.
    package let columns: [String]
    /// The kinds that qualify, for each column.
    package let kinds: [[Kind]]
    private let forms: [Form]
    /// The beginning of all its rows' names.
    private let prefix: [UInt8]

    init?(_ key: Key, of model: Model, table: String) {
        var forms: [Form] = []
        var kinds: [[Kind]] = []
        for field in key.fields {
            guard let (form, kind) = Self.form(of: model.fields[field]) else { return nil }
            forms.append(form)
            kinds.append(kind)
        }
        self.table = table
        self.forms = forms
        self.kinds = kinds
        fields = key.fields
        columns = key.fields.map { model.fields[$0].columnName }
        prefix = Array("\0row\0\(table)\0\(columns.joined(separator: "\0"))\0\0".utf8)
    }

    private static func form(of field: Field) -> (Form, [Kind])? {
        guard field.arity != .list else { return nil }
        switch (field.type, field.nativeType?.name) {
        case (.enumeration, _): return (.exact, [.label, .text])
        case (.scalar(.string), nil), (.scalar(.string), .text), (.scalar(.string), .varChar): return (.exact, [.text])
        case (.scalar(.string), .uuid): return (.uuid, [.uuid])
        case (.scalar(.int), _), (.scalar(.bigInt), _): return (.exact, [.integer])
        case (.scalar(.boolean), _): return (.truth, [.truth])
        default: return nil
        }
    }

    /// Returns the name of the row with these values. `value` returns each field's text as PostgreSQL reads or writes it.
    ///
    /// Equal values give equal names, and no two keys share a name. Nil if a value is NULL, because no read finds the row by this key then.
    package func name(_ value: (Int) -> UnsafeRawBufferPointer?) -> [UInt8]? {
        var name = prefix
        for (position, form) in forms.enumerated() {
            guard let text = value(position) else { return nil }
            Self.append(text, form, to: &name)
            // Why a NUL: no text contains one, so values cannot run into each other.
            name.append(0)
        }
        return name
    }

    private static func append(_ text: UnsafeRawBufferPointer, _ form: Form, to name: inout [UInt8]) {
        switch form {
        case .exact: name.append(contentsOf: text)
        case .truth: name.append(text.first ?? 0)
        case .uuid:
            // Why: PostgreSQL accepts capitals, braces, and hyphens in many places of a UUID.
            for byte in text where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "{") && byte != UInt8(ascii: "}") {
                name.append(byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "F") ? byte | 0x20 : byte)
            }
        }
    }
}

extension Schema {
    /// Returns the keys of a model by which its rows can be identified.
    package func rowKeys(of model: Int, _ settings: SQLSettings) -> [RowKey] {
        let model = models[model]
        let table = settings.name(of: model.tableName, in: model.tableSchema)
        return model.selectors.compactMap { RowKey($0, of: model, table: table) }
    }
}

extension SQLSettings {
    /// Returns the name of a table in `Plan.tables`.
    package func name(of table: String, in schema: String?) -> String {
        (schema ?? defaultSchema).map { "\($0).\(table)" } ?? table
    }
}
