package import Schema

/// A unique key by which automatic invalidation tells the rows of a table apart: what a lookup by its values sees depends on no other row.
///
/// Only over columns whose values are equal exactly when their texts are, once `canonical` has made these alike: integers, text, enums,
/// booleans, UUIDs. (1.0 and 1.00 are equal decimals; whatever is compared otherwise has no such key.)
package struct RowKey: Sendable {
    private enum Form: Sendable { case exact, truth, uuid }

    /// What the database has to store a column as, so that equal values have equal names. Domains count as what they are made of.
    package enum Kind: Int, Sendable { case text = 1, integer, truth, uuid, label }

    /// The table, as `Plan.tables` names it.
    package let table: String
    /// Positions in `Model.fields`.
    package let fields: [Int]
    /// The columns, in that order.
    package let columns: [String]
    /// What fits, for each column.
    package let kinds: [[Kind]]
    private let forms: [Form]
    /// What the names of its rows begin with.
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

    /// The name of the row with these values, one for each field as PostgreSQL reads or writes them; nil when one is NULL, for
    /// then no lookup finds the row by this key. Equal values give equal names; no two keys have a name in common.
    package func name(_ value: (Int) -> UnsafeRawBufferPointer?) -> [UInt8]? {
        var name = prefix
        for (position, form) in forms.enumerated() {
            guard let text = value(position) else { return nil }
            Self.append(text, form, to: &name)
            // Why: no text holds it, so values cannot run into each other.
            name.append(0)
        }
        return name
    }

    private static func append(_ text: UnsafeRawBufferPointer, _ form: Form, to name: inout [UInt8]) {
        switch form {
        case .exact: name.append(contentsOf: text)
        case .truth: name.append(text.first ?? 0)
        case .uuid:
            // Why: PostgreSQL takes capitals, braces, and hyphens where it likes them.
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
    /// What `Plan.tables` calls a table.
    package func name(of table: String, in schema: String?) -> String {
        (schema ?? defaultSchema).map { "\($0).\(table)" } ?? table
    }
}
