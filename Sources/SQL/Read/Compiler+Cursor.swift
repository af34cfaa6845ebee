import Query
import Schema

extension Compiler {
    /// Compiles a `cursor` to the conditions that keep the cursor's record and those after it.
    ///
    ///     {orderBy: {id: "asc"}, cursor: {id: 5}}
    ///     t0."id" >= (SELECT t1."id" FROM "User" AS t1 WHERE t1."id" = $1)
    ///
    ///     {orderBy: [{age: "desc"}, {id: "asc"}], cursor: {id: 5}}
    ///     age <= (SELECT …) AND (age < (SELECT …) OR (age = (SELECT …) AND id >= (SELECT …)))
    ///
    /// A cursor that is not among `records` leaves nothing. PostgreSQL computes the scalar subqueries once and can then use an index.
    ///
    /// - Parameter isLoose: true if NULL counts as coming after.
    mutating func cursorConditions(_ rows: Rows, _ order: [SortTerm], in records: RowSource, isLoose: Bool = false) -> [SQLText] {
        let found = sorted(records, rows, isTotal: true)
        var source = records
        source.joins = found.joins
        for (field, slot) in rows.cursor {
            source.conditions.append("\(column(field, of: rows.model, records.alias)) = \(slot: slot, of: typing(field, of: rows.model))")
        }
        let pairs = zip(order, found.order).map { term, other in
            CursorTerm(term: term, value: "(SELECT \(other.expression)\(source.body()))", isLoose: isLoose)
        }
        guard let last = pairs.last else { return [] }
        if !pairs.contains(where: \.term.isNullable) {
            if let comparison = rowComparison(pairs) { return [comparison] }
            guard let first = pairs.first else { return [] }
            return [first.isNotBefore, position(pairs, last)]
        }
        return ["EXISTS (SELECT 1\(source.body()))", position(pairs, last)]
    }

    /// `(a, b) >= (x, y)`, an index condition. Nil unless all terms have one direction and none can be NULL.
    private func rowComparison(_ pairs: [CursorTerm]) -> SQLText? {
        let isDescending = pairs.first?.term.isDescending ?? false
        guard pairs.allSatisfy({ $0.term.isDescending == isDescending }) else { return nil }
        if pairs.count == 1 { return pairs[0].isNotBefore }
        let left = pairs.map(\.term.expression).joined(by: ", ")
        let right = pairs.map(\.value).joined(by: ", ")
        return isDescending ? "(\(left)) <= (\(right))" : "(\(left)) >= (\(right))"
    }

    /// `(a after x OR (a same x AND (b after y OR (b same y AND …))))`, where the last term is the same or after.
    private func position(_ pairs: [CursorTerm], _ last: CursorTerm) -> SQLText {
        var text: SQLText = last.term.isNullable ? "(\(last.isAfter) OR \(last.isSame))" : last.isNotBefore
        for pair in pairs.dropLast().reversed() { text = "(\(pair.isAfter) OR (\(pair.isSame) AND \(text)))" }
        return text
    }

    /// True if the cursor's record must be among the requested records.
    ///
    /// Why not always: Prisma cuts nested reads, `distinct` and orders with ties or NULLs in memory, where the record must be in the list.
    /// In all other cases the values are compared, and the record may be one that the filter excludes.
    func isPositional(_ rows: Rows, _ link: Link?) -> Bool {
        link != nil || !rows.distinct.isEmpty || rows.isDistinctOnNothing || !isStable(rows)
    }

    /// True if no term can be NULL and a unique key is among them. A compound primary key does not count, as in Prisma.
    private func isStable(_ rows: Rows) -> Bool {
        var ordered: Set<Int> = []
        for item in rows.order {
            guard case .field(let number) = item.term else { continue }
            var model = rows.model
            for hop in item.path {
                guard let relation = relation(hop, of: model), self.field(hop, of: model).arity == .required else { return false }
                model = relation.model
            }
            if self.field(number, of: model).arity != .required { return false }
            if item.path.isEmpty { ordered.insert(number) }
        }
        if rows.order.isEmpty { ordered = Set(identifier(of: rows.model)) }
        let model = schema.models[rows.model]
        return ordered.contains { model.fields[$0].isID || model.fields[$0].isUnique }
            || model.uniqueKeys.contains { ordered.isSuperset(of: $0.fields) }
    }
}

/// A term of the order with the cursor's value for it.
private struct CursorTerm {
    var term: SortTerm
    var value: SQLText
    /// True if NULL counts as coming after.
    var isLoose: Bool

    var isNotBefore: SQLText { term.isDescending ? "\(term.expression) <= \(value)" : "\(term.expression) >= \(value)" }

    var isSame: SQLText { term.isNullable ? "\(term.expression) IS NOT DISTINCT FROM \(value)" : "\(term.expression) = \(value)" }

    var isAfter: SQLText {
        let beyond: SQLText = term.isDescending ? "\(term.expression) < \(value)" : "\(term.expression) > \(value)"
        guard term.isNullable else { return beyond }
        if isLoose { return "(\(beyond) OR \(term.expression) IS NULL OR \(value) IS NULL)" }
        return term.nullsComeFirst
            ? "(\(beyond) OR (\(value) IS NULL AND \(term.expression) IS NOT NULL))"
            : "(\(beyond) OR (\(term.expression) IS NULL AND \(value) IS NOT NULL))"
    }
}
