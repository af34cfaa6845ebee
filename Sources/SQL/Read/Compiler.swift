package import Query
package import Schema
import Text

/// Where unqualified tables are looked for.
package struct SQLSettings: Sendable, Equatable {
    /// The PostgreSQL schema of models without `@@schema`; nil leaves it to the connection's search path.
    package var defaultSchema: String?

    package init(defaultSchema: String? = nil) { self.defaultSchema = defaultSchema }
}

/// Turns one request into its plan. Pure: the same request gives the same plan.
///
/// The parts stand beside this file: which rows (`+Rows`, `+Filter`, `+Scalar`, `+List`, `+JSON`, `+Order`, `+Cursor`, `+Links`),
/// what of them (`+Selection`, `+Columns`, `+Relations`, `+Aggregate`, `+Group`). Recursion goes as deep as the request is nested,
/// which its decoder bounds.
package struct Compiler {
    let schema: Schema
    let settings: SQLSettings
    /// Moments have microseconds in the answer.
    let isPrecise: Bool
    private var statements: [Plan.Statement] = []
    private(set) var tables: Set<ExactString> = []
    private var aliasCount = 0
    private var enumLabels: [Int: EnumLabels] = [:]

    init(schema: Schema, settings: SQLSettings, isPrecise: Bool = false) {
        self.schema = schema
        self.settings = settings
        self.isPrecise = isPrecise
    }

    package static func compile(_ request: Request, schema: Schema, settings: SQLSettings = SQLSettings()) -> Plan {
        var compiler = Compiler(schema: schema, settings: settings, isPrecise: request.isPrecise)
        let root =
            switch request.body {
            case .find(let rows, let selection): compiler.compileFind(request.operation, rows, selection)
            case .count(let rows, let fields, let isNumber): compiler.compileCount(rows, fields, isNumber: isNumber)
            case .aggregate(let rows, let aggregations): compiler.compileAggregate(rows, aggregations)
            case .groupBy(let grouping): compiler.compileGroupBy(grouping)
            }
        return Plan(
            statements: compiler.statements, shape: RowShape(root), tables: compiler.tables.sorted().map(\.text),
            pointRead: PointRead(request, schema, settings))
    }

    // MARK: - What all parts share

    /// A name that nothing else in the request's statements has.
    mutating func makeAlias() -> TableAlias {
        defer { aliasCount += 1 }
        return TableAlias(number: aliasCount)
    }

    /// A statement by itself begins: its aliases are counted again.
    mutating func restartAliases() { aliasCount = 0 }

    /// The number of a statement whose text comes later: statements are numbered parents first.
    mutating func reserveStatement() -> Int {
        statements.append(Plan.Statement(text: "", slots: []))
        return statements.count - 1
    }

    mutating func setStatement(_ number: Int, _ text: SQLText) { statements[number] = text.statement() }

    /// `"schema"."table"`, and a note that it is read.
    mutating func table(_ model: Model) -> SQLText { table(model.tableName, in: model.tableSchema) }

    mutating func table(_ name: String, in schema: String?) -> SQLText {
        let schema = schema ?? settings.defaultSchema
        tables.insert(ExactString(settings.name(of: name, in: schema)))
        return SQLText(table: name, in: schema)
    }

    mutating func labels(of enumeration: Int) -> EnumLabels {
        if let known = enumLabels[enumeration] { return known }
        let made = EnumLabels(schema.enums[enumeration].values.map { (label: $0.databaseName, name: $0.name) }, of: schema.enums[enumeration].name)
        enumLabels[enumeration] = made
        return made
    }

    func field(_ field: Int, of model: Int) -> Field { schema.models[model].fields[field] }

    /// The column of a field as what gives a parameter its type; nil where a parameter of another type would be converted to the same value, or refused.
    ///
    /// Integers, truth values, enums and bytes are: what is converted differently is text, times, and numbers that are rounded.
    func typing(_ field: Int, of model: Int) -> ColumnName? {
        let field = self.field(field, of: model)
        switch field.type {
        case .scalar(.string), .scalar(.dateTime), .scalar(.float), .scalar(.decimal), .scalar(.json): break
        default: return nil
        }
        return ColumnName(table: name(of: schema.models[model]), column: field.columnName)
    }

    /// `"schema"."table"`, without a note.
    private func name(of model: Model) -> SQLText { SQLText(table: model.tableName, in: model.tableSchema ?? settings.defaultSchema) }

    /// `t0."column"`
    func column(_ field: Int, of model: Int, _ alias: TableAlias) -> SQLText {
        "\(alias, column: self.field(field, of: model).columnName)"
    }
}
