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
    /// Nil for a column of a table of pairs.
    let field: Field?
    /// PostgreSQL does not know what may be null in a view, and a view has no defaults.
    let isView: Bool

    func findings(text: (Column) -> String) -> [Finding] {
        var findings: [Finding] = []
        if let affects = typeDifference() {
            findings.append(Finding(kind: .type, schema: text(wanted), database: text(found), affects: affects))
        }
        if wanted.isList != found.isList {
            findings.append(Finding(kind: .list, schema: text(wanted), database: text(found), affects: [.reads, .writes]))
        } else if !isView, !wanted.isList, wanted.isNullable != found.isNullable {
            let affects: [SchemaDifference.Effect] = wanted.isNullable ? [.writes] : [.reads, .correctness]
            findings.append(Finding(kind: .nullability, schema: text(wanted), database: text(found), affects: affects))
        }
        if !isView, let difference = defaultDifference() { findings.append(difference) }
        return findings
    }

    // MARK: Types

    /// Nil where they are one type.
    private func typeDifference() -> [SchemaDifference.Effect]? {
        switch (wanted.type, found.type) {
        case (.native(let left), .native(let right)): return left == right ? nil : Self.effects(schema: left, database: right)
        case (.enumeration(let left), .enumeration(let right)): return left == right ? nil : [.reads, .writes]
        case (.other(let left, _), .other(let right, _)): return left.lowercased().isExactly(right.lowercased()) ? nil : []
        // Why nothing: no query names such a field.
        case (.other(let left, _), _): return left.lowercased().isExactly(found.typeName.lowercased()) ? nil : []
        default: return [.reads, .writes]
        }
    }

    /// What suffers where a column has another type of PostgreSQL's than the field says.
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

    /// Types that values are read and compared across.
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

    /// Whether not every value of the schema's type fits.
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

    private func defaultDifference() -> Finding? {
        let isClients = isFilledByClient
        if let generation = found.generation {
            if case .expression(let text)? = wanted.defaultValue, ExpressionText.areSame(text, generation) { return nil }
            if case .anything? = wanted.defaultValue { return nil }
            return finding("generated: \(generation)", [.writes])
        }
        switch (wanted.defaultValue, found.defaultValue) {
        case (nil, nil): return found.identity == nil ? nil : finding("autoincrement()", found.identity == .always ? [.writes] : [])
        case (nil, .some): return finding(databaseText, [])
        case (.some, nil):
            if wanted.isAutoincrement, found.identity != nil { return nil }
            return finding(databaseText, isClients ? [] : [.writes])
        case (let left?, let right?): return isSame(left, right) ? nil : finding(databaseText, [.correctness])
        }
    }

    /// What the client sends where a request gives no value: then the database's own default is not needed.
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

    private func isSame(_ left: ColumnDefault, _ right: ColumnDefault) -> Bool {
        switch (left, right) {
        case (.anything, _), (.now, .now), (.sequence, .sequence): return true
        case (.constant(let left), .constant(let right)): return isSame(left, right)
        case (.list(let left), .list(let right)): return left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
        case (.constant(.text(let text)), .expression(let expression)): return ExpressionText.isConstant(expression, text)
        case (.expression(let text), _): return found.defaultText.map { ExpressionText.areSame(text, $0) } ?? false
        default: return false
        }
    }

    private func isSame(_ left: Constant, _ right: Constant) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): return ExpressionText.number(left).isExactly(ExpressionText.number(right))
        case (.text(let left), .text(let right)):
            if left.isExactly(right) { return true }
            if case .native(let native) = wanted.type, native.name.scalar == .json { return JSONText.areSame(left, right) }
            return false
        case (.label(let left), .label(let right)): return left.isExactly(right)
        case (.truth(let left), .truth(let right)): return left == right
        case (.bytes(let left), .bytes(let right)): return left == right
        default: return false
        }
    }
}

extension Column {
    /// What a schema would write into `Unsupported`.
    fileprivate var typeName: String {
        switch type {
        case .native(let native): native.name.rawValue
        case .enumeration(let name): name.name
        case .other(let name, _): name
        }
    }
}
