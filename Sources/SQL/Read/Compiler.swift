package import Query
package import Schema
import Text

/// Where unqualified tables are searched.
package struct SQLSettings: Sendable, Equatable {
    /// The PostgreSQL schema of models without `@@schema`. Nil leaves it to the connection's search path.
    package var defaultSchema: String?

    package init(defaultSchema: String? = nil) { self.defaultSchema = defaultSchema }
}

/// Compiles one request to its plan. Pure: the same request gives the same plan.
///
/// The parts are in files beside this one. `+Rows`, `+Filter`, `+Scalar`, `+List`, `+JSON`, `+Order`, `+Cursor` and `+Links` decide which rows,
/// `+Selection`, `+Columns`, `+Relations`, `+Aggregate` and `+Group` what of them. The recursion is as deep as the request, which the decoder
/// limits.
package struct Compiler {
    let schema: Schema
    let settings: SQLSettings
    /// True if moments are written with microseconds.
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

    /// Returns an alias that nothing else in the request's statements has.
    mutating func makeAlias() -> TableAlias {
        defer { aliasCount += 1 }
        return TableAlias(number: aliasCount)
    }

    /// Restarts the numbering of aliases for a separate statement.
    mutating func restartAliases() { aliasCount = 0 }

    /// Reserves the number of a statement whose text comes later. Statements are numbered parents first.
    mutating func reserveStatement() -> Int {
        statements.append(Plan.Statement(text: "", slots: []))
        return statements.count - 1
    }

    mutating func setStatement(_ number: Int, _ text: SQLText) { statements[number] = text.statement() }

    /// Returns `"schema"."table"` and records that the table is read.
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

    /// Returns the column that gives a parameter its type. Nil if a parameter of another type would be converted to the same value or refused.
    ///
    /// That holds for integers, booleans, enums and bytes. Text, times and rounded numbers are converted differently.
    func typing(_ field: Int, of model: Int) -> ColumnName? {
        let field = self.field(field, of: model)
        switch field.type {
        case .scalar(.string), .scalar(.dateTime), .scalar(.float), .scalar(.decimal), .scalar(.json): break
        default: return nil
        }
        return ColumnName(table: name(of: schema.models[model]), column: field.columnName)
    }

    /// Returns `"schema"."table"` without recording it.
    private func name(of model: Model) -> SQLText { SQLText(table: model.tableName, in: model.tableSchema ?? settings.defaultSchema) }

    /// `t0."column"`
    func column(_ field: Int, of model: Int, _ alias: TableAlias) -> SQLText {
        "\(alias, column: self.field(field, of: model).columnName)"
    }
}
