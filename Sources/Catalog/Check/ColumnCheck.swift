import Schema
import Text

/// Compares a field with its column.
struct ColumnCheck {
    struct Finding {
        var kind: SchemaDifference.Kind
        var schema: String?
        var database: String?
        var affects: [SchemaDifference.Effect]
    }

    let wanted: Column
    let found: Column
    let table: ObjectName
    /// Nil for a column of a join table.
    let field: Field?
    /// True for a view. PostgreSQL does not know which of its columns can be NULL, and a view has no defaults.
    let isView: Bool

    func findings(_ comparison: inout ColumnComparison, _ words: ColumnWords) -> [Finding] {
        var findings: [Finding] = []
        if !hasSameType(&comparison) {
            findings.append(Finding(kind: .type, schema: words.text(of: wanted), database: words.text(of: found), affects: typeDifference()))
        }
        if wanted.isList != found.isList {
            findings.append(Finding(kind: .list, schema: words.text(of: wanted), database: words.text(of: found), affects: [.reads, .writes]))
        } else if !isView, !wanted.isList, wanted.isNullable != found.isNullable {
            let affects: [SchemaDifference.Effect] = wanted.isNullable ? [.writes] : [.reads, .correctness]
            findings.append(Finding(kind: .nullability, schema: words.text(of: wanted), database: words.text(of: found), affects: affects))
        }
        if !isView, let difference = defaultDifference(isSame: comparison.haveSameDefault(found, wanted, in: table)) { findings.append(difference) }
        return findings
    }

    // MARK: Types

    /// True if the element types are the same, whether or not both are lists.
    private func hasSameType(_ comparison: inout ColumnComparison) -> Bool {
        if found.isList == wanted.isList { return comparison.haveSameType(found, wanted) }
        var element = found
        element.isList = wanted.isList
        return comparison.haveSameType(element, wanted)
    }

    /// Returns what is affected by the type difference.
    private func typeDifference() -> [SchemaDifference.Effect] {
        switch (wanted.type, found.type) {
        case (.native(let left), .native(let right)): Self.effects(schema: left.completed, database: right.completed)
        // Why nothing: a query cannot name such a field.
        case (.other, _): []
        default: [.reads, .writes]
        }
    }

    /// Returns what is affected if the column has another PostgreSQL type than the field says.
    private static func effects(schema: NativeType, database: NativeType) -> [SchemaDifference.Effect] {
        let (left, right) = (schema.name, database.name)
        if family(left) != family(right) { return [.reads, .writes] }
        if left == right { return isNarrower(database, than: schema) ? (left.scalar == .dateTime ? [.correctness] : [.writes]) : [] }
        switch (left, right) {
        case (.integer, .smallInt): return [.writes]
        case (.smallInt, .integer): return []
        case (.doublePrecision, .real), (.timestamp, .timestamptz), (.timestamptz, .timestamp), (_, .citext), (.citext, _), (_, .char): return [.correctness]
        case (.json, .jsonB), (.jsonB, .json), (.time, .timetz), (.timetz, .time): return [.correctness]
        default: return isNarrower(database, than: schema) ? [.writes] : []
        }
    }

    /// Returns the group of a type. Values can be read and compared between the types of a group.
    private static func family(_ name: NativeType.Name) -> Int {
        switch name {
        case .text, .varChar, .char, .citext: 1
        case .smallInt, .integer: 2
        case .real, .doublePrecision: 3
        case .timestamp, .timestamptz: 4
        case .json, .jsonB: 5
        case .time, .timetz: 6
        case .bit, .varBit: 7
        default: 100 + (NativeType.Name.allCases.firstIndex(of: name) ?? 0)
        }
    }

    /// True if some values of the schema's type do not fit the database's.
    private static func isNarrower(_ database: NativeType, than schema: NativeType) -> Bool {
        if database.name == .decimal {
            guard database.arguments.count == 2 else { return false }
            guard schema.arguments.count == 2 else { return true }
            return database.arguments[1] < schema.arguments[1]
                || database.arguments[0] - database.arguments[1] < schema.arguments[0] - schema.arguments[1]
        }
        guard let most = database.arguments.first else { return false }
        return schema.arguments.first.map { most < $0 } ?? true
    }

    // MARK: Defaults

    /// - Parameter isSame: the result of the comparison that migrations use as well.
    private func defaultDifference(isSame: Bool) -> Finding? {
        if let generation = found.generation {
            // Why although a migration leaves it alone: the client writes such a field, and PostgreSQL refuses that.
            let isUnspoken = wanted.generation == nil && wanted.defaultValue == nil
            return isSame && !isUnspoken ? nil : finding("generated: \(generation)", [.writes])
        }
        if wanted.generation != nil { return finding(databaseText, [.correctness]) }
        if isSame { return nil }
        switch (wanted.defaultValue, found.defaultValue) {
        case (nil, _): return finding(databaseText, found.identity == .always ? [.writes] : [])
        case (.some, nil): return finding(databaseText, isFilledByClient ? [] : [.writes])
        case (.some, .some): return finding(databaseText, [.correctness])
        }
    }

    /// True if the client sends the default when a request gives no value. The database's own default is then not needed.
    private var isFilledByClient: Bool {
        switch field?.defaultValue {
        case .literal?, .list?: true
        default: false
        }
    }

    private func finding(_ database: String?, _ affects: [SchemaDifference.Effect]) -> Finding {
        Finding(kind: .defaultValue, schema: schemaText, database: database, affects: affects)
    }

    private var databaseText: String? { found.identity != nil ? "autoincrement()" : found.defaultText }

    private var schemaText: String? {
        switch field?.defaultValue {
        case nil: return nil
        case .autoincrement?: return "autoincrement()"
        case .now?: return "now()"
        case .uuid?: return "uuid()"
        case .cuid?: return "cuid()"
        case .ulid?: return "ulid()"
        case .nanoid?: return "nanoid()"
        case .literal(let text)?: return text
        case .list(let texts)?: return "[\(texts.joined(separator: ", "))]"
        case .database(let text)?: return "dbgenerated(\(text.map { Identifier.quoted($0) } ?? ""))"
        }
    }
}

/// The types of columns in the schema language.
///
/// Why not the whole check: a closure over that would copy it for each column.
struct ColumnWords {
    let datasource: String
    let enums: [ObjectName: String]

    /// Returns `String? @db.VarChar(40)`.
    func text(of column: Column) -> String {
        let type = FieldTypeText(column.type, isList: column.isList, datasource: datasource) { enums[$0] ?? $0.description }
        let arity = column.isList ? "[]" : column.isNullable ? "?" : ""
        return type.name + arity + (type.attribute.map { " " + $0 } ?? "")
    }
}
