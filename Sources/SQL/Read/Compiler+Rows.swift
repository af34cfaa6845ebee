import Query
import Schema

/// The parts of a SELECT except its list: records of one model under one alias.
struct RowSource {
    var model: Int
    var alias: TableAlias
    var from: SQLText
    /// LEFT JOINs that the order needs.
    var joins: SQLText = .empty
    var conditions: [SQLText] = []
    var order: [SortTerm] = []
    /// ` LIMIT … OFFSET …`, or empty.
    var limit: SQLText = .empty

    /// ` FROM … WHERE …`
    func body(extraJoins: SQLText = .empty) -> SQLText {
        let rows: SQLText = " FROM \(from)\(joins)\(extraJoins)"
        return conditions.isEmpty ? rows : "\(rows) WHERE \(conditions.joined(by: " AND "))"
    }

    /// Returns the whole statement for a select list.
    func select(_ list: SQLText, extraJoins: SQLText = .empty) -> SQLText {
        "SELECT \(list)\(body(extraJoins: extraJoins))\(orderClause)\(limit)"
    }

    private var orderClause: SQLText {
        order.isEmpty ? .empty : " ORDER BY \(order.map(\.text).joined(by: ", "))"
    }

    /// The same records as a set. The order is dropped, unless it decides which records they are.
    func unordered() -> RowSource {
        guard limit.isEmpty else { return self }
        var result = self
        result.order = []
        return result
    }

    var isLimited: Bool { !limit.isEmpty }
}

extension Rows {
    var isBackward: Bool { take?.isBackward ?? false }
    /// True if the order of the records decides which records the answer contains.
    var isPaged: Bool { take != nil || skip != nil || !cursor.isEmpty || !distinct.isEmpty || isDistinctOnNothing }
}

extension Compiler {
    /// Compiles `where orderBy cursor take skip distinct` to the parts of a SELECT.
    ///
    ///     {where: f, orderBy: {name: "asc"}, take: 5, skip: 2}
    ///     FROM "User" AS t0 WHERE f ORDER BY t0."name" ASC, t0."id" ASC LIMIT $1 OFFSET $2
    ///
    /// `distinct` keeps the first record of each kind in the requested order. Pages are cut from the rest:
    ///
    ///     FROM (SELECT DISTINCT ON (t0."kind") t0."kind", … FROM … WHERE f ORDER BY t0."kind", order) AS t0 ORDER BY order LIMIT …
    ///
    /// - Parameter link: selects the records of one parent.
    /// - Parameter isTotal: true if no two records may tie in the order, because the same ones must be found again.
    mutating func rowSource(_ rows: Rows, link: Link? = nil, isTotal: Bool = false, isFirst: Bool = false) -> RowSource {
        let isTotal = isTotal || isTotalOrderImplied(rows)
        var source =
            isDistinct(rows) ? distinctRows(rows, link) : sorted(filteredRows(rows, link), rows, isTotal: isTotal, fixed: fixedFields(rows, link))
        if !rows.cursor.isEmpty {
            let records =
                if isDistinct(rows) { distinctRows(rows, link) } else {
                    isPositional(rows, link) ? filteredRows(rows, link) : allRows(rows.model)
                }
            source.conditions += cursorConditions(rows, source.order, in: records)
        }
        source.limit = limit(rows, isFirst: isFirst)
        return source
    }

    /// True if the page needs an order in which no two records tie.
    ///
    /// Why every page: tied records must have the same order on the next page, which begins at a cursor or after `skip`.
    func isTotalOrderImplied(_ rows: Rows) -> Bool { rows.isPaged }

    /// True if `distinct` removes records. A key among the fields makes all records distinct.
    private func isDistinct(_ rows: Rows) -> Bool {
        if rows.distinct.isEmpty { return rows.isDistinctOnNothing }
        return !isTotal(rows.distinct.map { Order(term: .field($0)) }, of: rows.model)
    }

    /// Returns every record of a model, without conditions.
    private mutating func allRows(_ model: Int) -> RowSource {
        let alias = makeAlias()
        return RowSource(model: model, alias: alias, from: "\(table(schema.models[model])) AS \(alias)")
    }

    /// Returns the records that pass the filter. With a link, those of one parent.
    mutating func filteredRows(_ rows: Rows, _ link: Link? = nil) -> RowSource {
        var source: RowSource
        if let link {
            let related = relatedRows(link.relation, keys: link.keys)
            source = RowSource(model: related.model, alias: related.alias, from: related.from, conditions: related.conditions)
        } else {
            source = allRows(rows.model)
        }
        if !rows.filter.isEmpty { source.conditions.append(condition(rows.filter, on: rows.model, source.alias)) }
        return source
    }

    /// The fields in which all records of a page agree: those that the filter compares by equality, and the key that a parent gives.
    ///
    /// Why none with a cursor: its record may be one that the filter leaves out.
    private func fixedFields(_ rows: Rows, _ link: Link?) -> Set<Int> {
        guard rows.cursor.isEmpty else { return [] }
        var fields: Set<Int> = []
        if let link, case .referenced(_, let by) = link.relation.link { fields.formUnion(by) }
        var parts = [rows.filter]
        if case .all(let inner) = rows.filter { parts = inner }
        for part in parts { if case .scalar(let field, .compare(.equals, .slot, isInsensitive: false)) = part { fields.insert(field) } }
        return fields
    }

    /// - Parameter fixed: fields in which all these records agree.
    mutating func sorted(_ source: RowSource, _ rows: Rows, isTotal: Bool, fixed: Set<Int> = []) -> RowSource {
        var result = source
        let sorted = sortTerms(rows.order, of: rows.model, source.alias, isTotal: isTotal, fixed: fixed, isReversed: rows.isBackward)
        result.order = sorted.terms
        result.joins = sorted.joins
        return result
    }

    /// Returns the first record of each kind, or the first of all if there are no kinds, as a derived table under the same alias.
    ///
    /// Like Prisma, it compares a cursor's values before it selects the first records. The cursor's record is searched among them afterwards.
    private mutating func distinctRows(_ rows: Rows, _ link: Link?) -> RowSource {
        var source = sorted(filteredRows(rows, link), rows, isTotal: true)
        if link == nil && !rows.cursor.isEmpty {
            source.conditions += cursorConditions(rows, source.order, in: allRows(rows.model), isLoose: true)
        }
        let kinds = rows.distinct.map { kind($0, of: rows.model, source.alias) }
        let order = (kinds + source.order.map(\.text)).joined(by: ", ")
        if kinds.isEmpty { source.limit = " LIMIT 1" }
        let first: SQLText =
            kinds.isEmpty
            ? source.select("\(columnsOf: source.alias)")
            : "SELECT DISTINCT ON (\(kinds.joined(by: ", "))) \(columnsOf: source.alias)\(source.body()) ORDER BY \(order)"
        let outer = RowSource(model: source.model, alias: source.alias, from: "(\(first)) AS \(source.alias)")
        return sorted(outer, rows, isTotal: true)
    }

    /// Returns a column that DISTINCT can compare: `json` and `xml` have no equality operator.
    private func kind(_ field: Int, of model: Int, _ alias: TableAlias) -> SQLText {
        let subject = Subject(expression: column(field, of: model, alias), field: self.field(field, of: model), reference: { _ in .empty })
        return self.field(field, of: model).arity == .list ? subject.comparableList : subject.comparable
    }

    /// ` LIMIT 20 OFFSET $1`. A first record is searched with ` LIMIT 1`.
    func limit(_ rows: Rows, isFirst: Bool = false) -> SQLText {
        var text: SQLText = .empty
        if isFirst {
            text.append(" LIMIT 1")
        } else if let take = rows.take {
            text.append(take.literal.map { " LIMIT \(number: $0)" } ?? " LIMIT \(slot: take.slot)")
        }
        if let skip = rows.skip { text.append(rows.skipLiteral.map { " OFFSET \(number: $0)" } ?? " OFFSET \(slot: skip)") }
        return text
    }
}

/// The records of one parent: a relation, and the values of the parent's link fields.
struct Link {
    var relation: Relation
    var keys: [SQLText]
}
