import Query
import Schema
import Text

extension Compiler {
    /// `count` → `SELECT count(*) FROM "User" AS t0 WHERE …`.
    ///
    /// With pages it counts the records of the page: `SELECT count(*) FROM (SELECT 1 FROM … LIMIT $1) AS t0`.
    mutating func compileCount(_ rows: Rows, _ fields: [CountedField], isNumber: Bool) -> RowShape.Root {
        let number = reserveStatement()
        let source = aggregatedRows(rows)
        var list = SelectList()
        let members = counts(fields, of: source, &list)
        setStatement(number, source.select(list.text))
        if isNumber { return .value(RowShape.Column(0, ValueForm(.integer)), result: number) }
        return .first(RowShape.Record(members), result: number)
    }

    /// `aggregate` → `SELECT count(*), avg(t0."age")::float8 FROM "User" AS t0 WHERE …`.
    mutating func compileAggregate(_ rows: Rows, _ aggregations: [Aggregation]) -> RowShape.Root {
        let number = reserveStatement()
        let source = aggregatedRows(rows)
        var list = SelectList()
        let members = aggregations.map { member($0, of: source, &list) }
        setStatement(number, source.select(list.text))
        return .first(RowShape.Record(members), result: number)
    }

    /// Returns the records that are aggregated: a set, or a page of an order.
    private mutating func aggregatedRows(_ rows: Rows) -> RowSource {
        guard rows.isPaged else { return filteredRows(rows) }
        let page = rowSource(rows)
        return RowSource(model: rows.model, alias: page.alias, from: "(\(page.select("\(columnsOf: page.alias)"))) AS \(page.alias)")
    }

    /// Returns one of `_count _avg _sum _min _max` with its columns.
    mutating func member(_ aggregation: Aggregation, of source: RowSource, _ list: inout SelectList) -> RowShape.Member {
        switch aggregation {
        case .countAll:
            return RowShape.Member("_count", .column(RowShape.Column(list.append("count(*)"), ValueForm(.integer))))
        case .count(let fields): return RowShape.Member("_count", .group(RowShape.Record(counts(fields, of: source, &list))))
        case .average(let fields): return RowShape.Member("_avg", group(fields, of: source, &list, average))
        case .sum(let fields): return RowShape.Member("_sum", group(fields, of: source, &list, sum))
        case .minimum(let fields):
            return RowShape.Member("_min", group(fields, of: source, &list) { ($0.output("min(\($2))", as: $1), $0.form(of: $1)) })
        case .maximum(let fields):
            return RowShape.Member("_max", group(fields, of: source, &list) { ($0.output("max(\($2))", as: $1), $0.form(of: $1)) })
        }
    }

    /// Averages of integers are Floats, as in Prisma.
    private func average(_ compiler: inout Compiler, _ field: Field, _ argument: SQLText) -> (SQLText, ValueForm) {
        if case .scalar(.decimal) = field.type { return ("avg(\(argument))", ValueForm(.decimal)) }
        return ("avg(\(argument))::float8", ValueForm(.float, isPrecise: compiler.isPrecise))
    }

    /// Why BigInt as a Decimal: PostgreSQL sums it as numeric, and both are written as strings.
    private func sum(_ compiler: inout Compiler, _ field: Field, _ argument: SQLText) -> (SQLText, ValueForm) {
        switch field.type {
        case .scalar(.decimal), .scalar(.bigInt): ("sum(\(argument))", ValueForm(.decimal))
        case .scalar(.float): ("sum(\(argument))", ValueForm(.float, isPrecise: compiler.isPrecise))
        default: ("sum(\(argument))", ValueForm(.integer))
        }
    }

    private func counts(_ fields: [CountedField], of source: RowSource, _ list: inout SelectList) -> [RowShape.Member] {
        fields.map { counted in
            let name =
                switch counted {
                case .all: "_all"
                case .field(let number): field(number, of: source.model).name
                }
            let position = list.append(count(counted, of: source.model, source.alias))
            return RowShape.Member(name, .column(RowShape.Column(position, ValueForm(.integer))))
        }
    }

    func count(_ counted: CountedField, of model: Int, _ alias: TableAlias) -> SQLText {
        switch counted {
        case .all: "count(*)"
        case .field(let field): "count(\(column(field, of: model, alias)))"
        }
    }

    private mutating func group(
        _ fields: [Int], of source: RowSource, _ list: inout SelectList,
        _ value: (inout Compiler, Field, SQLText) -> (SQLText, ValueForm)
    ) -> RowShape.Content {
        var members: [RowShape.Member] = []
        for number in fields {
            let field = field(number, of: source.model)
            let (item, form) = value(&self, field, argument(number, of: source.model, source.alias))
            members.append(RowShape.Member(field.name, .column(RowShape.Column(list.append(item), form))))
        }
        return .group(RowShape.Record(members))
    }

    /// Returns a column as an argument of aggregates. Types without `min`, `sum` or `avg` are cast to one that has them.
    func argument(_ field: Int, of model: Int, _ alias: TableAlias) -> SQLText {
        let name = column(field, of: model, alias)
        return switch self.field(field, of: model).nativeType?.name {
        case .uuid, .xml, .bit, .varBit: "\(name)::text"
        case .money: "\(name)::numeric"
        case .oid: "\(name)::int8"
        default: name
        }
    }
}
