import Query
import Schema
import Text

extension Compiler {
    /// `groupBy` → `SELECT t0."city", count(*) FROM "User" AS t0 WHERE … GROUP BY t0."city" HAVING count(*) > $1 ORDER BY …`.
    mutating func compileGroupBy(_ grouping: Grouping) -> RowShape.Root {
        let number = reserveStatement()
        let rows = grouping.rows
        let source = filteredRows(rows)
        var list = SelectList()
        var members: [RowShape.Member] = []
        for by in grouping.by {
            let field = field(by, of: rows.model)
            let position = list.append(output(by, of: rows.model, source.alias), of: source.alias, field: by)
            members.append(RowShape.Member(field.name, .column(RowShape.Column(position, form(of: field)))))
        }
        for aggregation in grouping.aggregations { members.append(member(aggregation, of: source, &list)) }
        let keys = grouping.by.map { column($0, of: rows.model, source.alias) }.joined(by: ", ")
        var text: SQLText = "SELECT \(list.text)\(source.body()) GROUP BY \(keys)"
        if !grouping.having.isEmpty { text.append(" HAVING \(condition(grouping.having, on: source))") }
        text.append(groupOrder(rows, source))
        text.append(limit(rows))
        setStatement(number, text)
        return .list(RowShape.Record(members), result: number, isReversed: rows.isBackward)
    }

    /// ` ORDER BY t0."city" ASC, avg(t0."age") DESC`
    private func groupOrder(_ rows: Rows, _ source: RowSource) -> SQLText {
        let terms = rows.order.compactMap { item -> SQLText? in
            let expression: SQLText? =
                switch item.term {
                case .field(let field): column(field, of: rows.model, source.alias)
                case .aggregate(let aggregation): aggregate(aggregation, of: source)
                case .count, .relevance, .position: nil
                }
            guard let expression else { return nil }
            let term = SortTerm(expression: expression, isDescending: item.isDescending, nulls: item.nulls, isNullable: true)
            return (rows.isBackward ? term.reversed : term).text
        }
        return terms.isEmpty ? .empty : " ORDER BY \(terms.joined(by: ", "))"
    }

    /// Returns an aggregate of one field for HAVING and ORDER BY.
    private func aggregate(_ aggregation: Aggregation, of source: RowSource) -> SQLText? {
        func argument(_ fields: [Int]) -> SQLText? { fields.first.map { self.argument($0, of: source.model, source.alias) } }
        return switch aggregation {
        case .countAll: "count(*)"
        case .count(let fields): fields.first.map { count($0, of: source.model, source.alias) }
        case .average(let fields): argument(fields).map { "avg(\($0))" }
        case .sum(let fields): argument(fields).map { "sum(\($0))" }
        case .minimum(let fields): argument(fields).map { "min(\($0))" }
        case .maximum(let fields): argument(fields).map { "max(\($0))" }
        }
    }

    /// Compiles `having` to a condition on groups.
    private func condition(_ having: Having, on source: RowSource) -> SQLText {
        let fields = schema.models[source.model].fields
        let reference = { (other: Int) -> SQLText in "\(source.alias, column: fields[other].columnName)" }
        switch having {
        case .all(let parts): return parts.map { condition($0, on: source) }.conjunction
        case .any(let parts): return parts.map { condition($0, on: source) }.disjunction
        case .not(let part): return negate(condition(part, on: source), if: true)
        case .field(let field, let test):
            let subject = Subject(
                expression: column(field, of: source.model, source.alias), field: fields[field], column: typing(field, of: source.model),
                reference: reference)
            return condition(test, on: subject)
        case .aggregate(let aggregation, let test):
            guard let expression = aggregate(aggregation, of: source) else { return "TRUE" }
            let column = aggregation.field.flatMap { typing($0, of: source.model) }
            return condition(test, on: Subject(expression: expression, column: column, reference: reference))
        }
    }
}

extension Aggregation {
    /// The field whose type the result has. Nil for counts.
    fileprivate var field: Int? {
        switch self {
        case .countAll, .count: nil
        case .average(let fields), .sum(let fields), .minimum(let fields), .maximum(let fields): fields.first
        }
    }
}

extension Having {
    /// True if there is no condition, so that every group passes.
    var isEmpty: Bool { if case .all(let parts) = self { parts.isEmpty } else { false } }
}
