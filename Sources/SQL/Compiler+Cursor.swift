import Query
import Schema

extension Compiler {
    /// `cursor` → the conditions that leave the cursor's record and those after it.
    ///
    ///     {orderBy: {id: "asc"}, cursor: {id: 5}}
    ///     "t0"."id" >= (SELECT "t1"."id" FROM "User" AS t1 WHERE "t1"."id" = $1)
    ///
    ///     {orderBy: [{age: "desc"}, {id: "asc"}], cursor: {id: 5}}
    ///     age <= (SELECT …) AND (age < (SELECT …) OR (age = (SELECT …) AND id >= (SELECT …)))
    ///
    /// A cursor that is not among `records` leaves nothing. The values are read by scalar subqueries, which PostgreSQL computes once and can
    /// then look up in an index.
    mutating func cursorConditions(_ rows: Rows, _ order: [SortTerm], in records: RowSource) -> [SQLText] {
        let found = sorted(records, rows, isTotal: true)
        var source = records
        source.joins = found.joins
        for (field, slot) in rows.cursor {
            source.conditions.append("\(column(field, of: rows.model, records.alias)) = \(slot: slot)")
        }
        let pairs = zip(order, found.order).map { term, other in
            CursorTerm(term: term, value: "(SELECT \(other.expression)\(source.body()))")
        }
        guard let last = pairs.last else { return [] }
        if !pairs.contains(where: \.term.isNullable) {
            if let comparison = rowComparison(pairs) { return [comparison] }
            guard let first = pairs.first else { return [] }
            return [first.isNotBefore, position(pairs, last)]
        }
        return ["EXISTS (SELECT 1\(source.body()))", position(pairs, last)]
    }

    /// `(a, b) >= (x, y)` where all terms go the same way and none can be NULL: an index condition.
    private func rowComparison(_ pairs: [CursorTerm]) -> SQLText? {
        let isDescending = pairs.first?.term.isDescending ?? false
        guard pairs.allSatisfy({ $0.term.isDescending == isDescending }) else { return nil }
        if pairs.count == 1 { return pairs[0].isNotBefore }
        let left = pairs.map(\.term.expression).joined(by: ", ")
        let right = pairs.map(\.value).joined(by: ", ")
        return isDescending ? "(\(left)) <= (\(right))" : "(\(left)) >= (\(right))"
    }

    /// `(a after x OR (a same x AND (b after y OR (b same y AND …))))`, the last term same or after.
    private func position(_ pairs: [CursorTerm], _ last: CursorTerm) -> SQLText {
        var text: SQLText = last.term.isNullable ? "(\(last.isAfter) OR \(last.isSame))" : last.isNotBefore
        for pair in pairs.dropLast().reversed() { text = "(\(pair.isAfter) OR (\(pair.isSame) AND \(text)))" }
        return text
    }

    /// Whether Prisma pages this order by comparing values, as if the cursor's record were among those asked for,
    /// rather than by its place in the list: when no term can be NULL and a unique key is among them.
    func isStable(_ rows: Rows) -> Bool {
        guard !rows.order.isEmpty else { return true }
        for item in rows.order {
            guard case .field(let field) = item.term else { continue }
            var model = rows.model
            for hop in item.path {
                guard let relation = relation(hop, of: model), self.field(hop, of: model).arity == .required else { return false }
                model = relation.model
            }
            if self.field(field, of: model).arity != .required { return false }
        }
        return isTotal(rows.order, of: rows.model)
    }
}

/// A term of the order, and the cursor's value for it.
private struct CursorTerm {
    var term: SortTerm
    var value: SQLText

    var isNotBefore: SQLText { term.isDescending ? "\(term.expression) <= \(value)" : "\(term.expression) >= \(value)" }

    var isSame: SQLText { term.isNullable ? "\(term.expression) IS NOT DISTINCT FROM \(value)" : "\(term.expression) = \(value)" }

    var isAfter: SQLText {
        let beyond: SQLText = term.isDescending ? "\(term.expression) < \(value)" : "\(term.expression) > \(value)"
        guard term.isNullable else { return beyond }
        return term.nullsComeFirst
            ? "(\(beyond) OR (\(value) IS NULL AND \(term.expression) IS NOT NULL))"
            : "(\(beyond) OR (\(term.expression) IS NULL AND \(value) IS NOT NULL))"
    }
}
