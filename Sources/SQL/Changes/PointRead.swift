package import Query
package import Schema

/// A read that sees only the row of its model with given values in a unique key. Changes of the model's other rows cannot affect it.
package struct PointRead: Sendable {
    package let key: RowKey
    /// The request's slots with the key's values.
    package let slots: [Int]

    /// Nil if the request may see two rows of the model, or sees the model through a relation as well.
    ///
    ///     findUnique {where: {id: 1}, include: {posts: true}}      a point read, unless posts lead back to their author
    ///     count {where: {email: "a", name: {contains: "b"}}}       a point read
    package init?(_ request: Request, _ schema: Schema, _ settings: SQLSettings) {
        guard let rows = request.body.rows, rows.cursor.isEmpty, !schema.models[request.model].isView else { return nil }
        let values = rows.filter.equalities
        let key = schema.rowKeys(of: request.model, settings).first { key in key.fields.allSatisfy { values[$0] != nil } }
        guard let key, !Reach(of: request.model, in: schema).isReached(by: request, rows) else { return nil }
        self.key = key
        slots = key.fields.compactMap { values[$0] }
    }
}

extension Request.Body {
    fileprivate var rows: Rows? {
        switch self {
        case .find(let rows, _), .count(let rows, _, _), .aggregate(let rows, _): rows
        case .groupBy(let grouping): grouping.rows
        }
    }
}

extension Filter {
    /// The fields that must equal a value, with the value's slot.
    package var equalities: [Int: Int] {
        switch self {
        case .scalar(let field, .compare(.equals, .slot(let slot), isInsensitive: false)): [field: slot]
        case .all(let parts): parts.reduce(into: [:]) { $0.merge($1.equalities) { first, _ in first } }
        default: [:]
        }
    }
}

/// Whether relations lead back to a model. The recursion is as deep as the request, which the decoder limits.
private struct Reach {
    let model: Int
    let schema: Schema

    init(of model: Int, in schema: Schema) {
        self.model = model
        self.schema = schema
    }

    func isReached(by request: Request, _ rows: Rows) -> Bool {
        if isReached(by: rows) { return true }
        if case .find(_, let selection) = request.body { return isReached(by: selection, of: request.model) }
        return false
    }

    private func isReached(by selection: Selection, of parent: Int) -> Bool {
        selection.relations.contains { read in
            read.rows.model == model || isReached(by: read.rows) || isReached(by: read.selection, of: read.rows.model)
        } || selection.counts.contains { isReached(along: $0.field, of: parent, $0.filter) }
    }

    private func isReached(by rows: Rows) -> Bool {
        isReached(by: rows.filter, of: rows.model) || rows.order.contains { isReached(by: $0, of: rows.model) }
    }

    private func isReached(by order: Order, of parent: Int) -> Bool {
        var place = parent
        var fields = order.path
        if case .count(let relation) = order.term { fields.append(relation) }
        for field in fields {
            guard let next = target(of: field, of: place) else { continue }
            if next == model { return true }
            place = next
        }
        return false
    }

    private func isReached(by filter: Filter, of parent: Int) -> Bool {
        switch filter {
        case .all(let parts), .any(let parts): parts.contains { isReached(by: $0, of: parent) }
        case .not(let part), .isNotTrue(let part): isReached(by: part, of: parent)
        case .toOne(let field, let part, _), .toMany(let field, _, let part): isReached(along: field, of: parent, part)
        case .toOneAbsent(let field, _): target(of: field, of: parent) == model
        case .scalar, .list, .json, .search, .amongTuples: false
        }
    }

    private func isReached(along field: Int, of parent: Int, _ filter: Filter) -> Bool {
        guard let next = target(of: field, of: parent) else { return false }
        return next == model || isReached(by: filter, of: next)
    }

    private func target(of field: Int, of parent: Int) -> Int? {
        if case .relation(let relation) = schema.models[parent].fields[field].type { relation.model } else { nil }
    }
}
