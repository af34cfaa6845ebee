import Query
import Schema

/// One term of an ORDER BY over one alias.
struct SortTerm {
    var expression: SQLText
    var isDescending: Bool
    /// The requested position of NULLs. Nil is PostgreSQL's rule: last in ascending order, first in descending order.
    var nulls: Order.Nulls?
    var isNullable: Bool

    var nullsComeFirst: Bool { nulls.map { $0 == .first } ?? isDescending }

    var text: SQLText {
        let direction: SQLText = isDescending ? "\(expression) DESC" : "\(expression) ASC"
        return switch nulls {
        case nil: direction
        case .first: "\(direction) NULLS FIRST"
        case .last: "\(direction) NULLS LAST"
        }
    }

    /// The term in reverse order, NULLs included.
    var reversed: SortTerm {
        var result = self
        result.isDescending.toggle()
        result.nulls = nulls.map { $0 == .first ? .last : .first }
        return result
    }
}

/// The terms of an order, and the joins that they need.
struct SortTerms {
    var terms: [SortTerm] = []
    var joins: SQLText = .empty
}

extension Compiler {
    /// Compiles `orderBy` for the records of `alias` to terms, and LEFT JOINs for terms on related records.
    ///
    ///     {name: {sort: "asc", nulls: "first"}}   t0."name" ASC NULLS FIRST
    ///     {author: {name: "desc"}}                t1."name" DESC   over   LEFT JOIN "User" AS t1 ON t1."id" = t0."authorId"
    ///     {posts: {_count: "asc"}}                (SELECT count(*) FROM "Post" AS t1 WHERE t1."authorId" = t0."id") ASC
    ///
    /// - Parameters:
    ///   - isTotal: true appends a key, so that no two records tie.
    ///   - fixed: fields in which all these records agree, so that the rest of a key tells them apart.
    mutating func sortTerms(
        _ order: [Order], of model: Int, _ alias: TableAlias, isTotal: Bool, fixed: Set<Int> = [], isReversed: Bool
    ) -> SortTerms {
        var result = SortTerms()
        var joined: [[Int]: (model: Int, alias: TableAlias)] = [[]: (model, alias)]
        for item in order {
            guard let place = follow(item.path, &joined, &result.joins) else { continue }
            guard let term = sortTerm(item, on: place.model, place.alias) else { continue }
            result.terms.append(isReversed ? term.reversed : term)
        }
        if isTotal {
            for field in missingKey(order, of: model, fixed) {
                let term = SortTerm(expression: column(field, of: model, alias), isDescending: isReversed, nulls: nil, isNullable: false)
                result.terms.append(term)
            }
        }
        return result
    }

    /// Returns the alias at the end of a path of to-one relations. Joins what has not been joined yet.
    private mutating func follow(
        _ path: [Int], _ joined: inout [[Int]: (model: Int, alias: TableAlias)], _ joins: inout SQLText
    ) -> (model: Int, alias: TableAlias)? {
        for length in path.indices {
            let walked = Array(path[...length])
            if joined[walked] != nil { continue }
            guard let origin = joined[Array(path[..<length])] else { return nil }
            guard let join = leftJoin(path[length], of: origin.model, origin.alias) else { return nil }
            joins.append(join.text)
            joined[walked] = (join.model, join.alias)
        }
        return joined[path]
    }

    private mutating func sortTerm(_ item: Order, on model: Int, _ alias: TableAlias) -> SortTerm? {
        let expression: SQLText
        var isNullable = false
        switch item.term {
        case .field(let field):
            expression = column(field, of: model, alias)
            isNullable = !item.path.isEmpty || self.field(field, of: model).arity != .required
        case .count(let relation):
            guard let related = countedRows(relation, of: model, alias, .all([])) else { return nil }
            expression = "(SELECT count(*) FROM \(related.from) WHERE \(related.conditions.joined(by: " AND ")))"
        case .relevance(let fields, let search):
            let document = fields.map { column($0, of: model, alias) }.joined(by: ", ")
            expression = "ts_rank(to_tsvector(concat_ws(' ', \(document))), to_tsquery(\(slot: search)))"
        case .position(let field, let list):
            // Why as texts: the list holds what the column gives as text, and all types have that form.
            expression = "array_position(\(slot: list)::text[], \(column(field, of: model, alias))::text)"
        case .aggregate: return nil
        }
        return SortTerm(expression: expression, isDescending: item.isDescending, nulls: item.nulls, isNullable: isNullable)
    }

    /// True if the order contains all fields of a key, so that no two records tie.
    func isTotal(_ order: [Order], of model: Int, _ fixed: Set<Int> = []) -> Bool {
        let fields = orderedFields(order).union(fixed)
        return schema.models[model].selectors.contains { key in
            key.fields.allSatisfy { fields.contains($0) && self.field($0, of: model).arity == .required }
        }
    }

    /// Returns the fields to append for a total order: the missing ones of the primary key, or of the first key without NULLs.
    private func missingKey(_ order: [Order], of model: Int, _ fixed: Set<Int>) -> [Int] {
        if isTotal(order, of: model, fixed) { return [] }
        let fields = orderedFields(order).union(fixed)
        return identifier(of: model).filter { !fields.contains($0) }
    }

    private func orderedFields(_ order: [Order]) -> Set<Int> {
        var fields: Set<Int> = []
        for item in order where item.path.isEmpty {
            if case .field(let field) = item.term { fields.insert(field) }
        }
        return fields
    }

    /// Returns the fields that identify a model's records. That is the primary key, else the first unique key without optional fields, else the
    /// first unique key.
    func identifier(of model: Int) -> [Int] {
        let model = schema.models[model]
        let certain = model.selectors.first { key in key.fields.allSatisfy { model.fields[$0].arity == .required } }
        return (certain ?? model.selectors.first)?.fields ?? []
    }
}
