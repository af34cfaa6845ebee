import Query
import Schema

/// Compiles many alternatives over the same fields to one lookup instead of a chain of OR.
///
/// Why: PostgreSQL plans a chain of OR in quadratic time, and its JIT compiles each link.
extension Compiler {
    /// The number of alternatives from which a conjunction over several fields becomes a lookup. Fewer alternatives use the index one by one.
    private static var fewestTuples: Int { 32 }

    /// `(a = $1 OR a = $2)` → `a IN ($1, $2)`; `(a = $1 AND b = $2 OR …)` → `(a, b) IN (VALUES …)`. Nil if the alternatives differ.
    mutating func collapsed(_ parts: [Filter], on model: Int, _ alias: TableAlias) -> SQLText? {
        guard parts.count > 1, let shape = parts[0].equalityFields else { return nil }
        var rows: [[Int]] = []
        rows.reserveCapacity(parts.count)
        for part in parts {
            guard let slots = part.slots(equalTo: shape) else { return nil }
            rows.append(slots)
        }
        if shape.count == 1 {
            let subject = subject(shape[0], of: model, alias)
            let list = rows.map { "\(slot: $0[0], of: subject.column)" as SQLText }.joined(by: ", ")
            return "\(subject.comparable) IN (\(list))"
        }
        if rows.count < Self.fewestTuples { return nil }
        // Why: these types have no equality operator.
        if shape.contains(where: { field($0, of: model).nativeType?.name == .xml || field($0, of: model).nativeType?.name == .json }) { return nil }
        return among(shape, rows, of: model, alias)
    }

    /// `(t0."a", t0."b") IN (SELECT t1.k0, t1.k1 FROM (VALUES ((SELECT t2."a" FROM "T" AS t2 LIMIT 0), …), ($1, $2), …) AS t1 (k0, k1)
    /// WHERE t1.k0 IS NOT NULL AND …)`
    ///
    /// Why the first row: it is NULL and gives the parameters the types of their columns. The WHERE removes it, so that a negation keeps its
    /// meaning.
    private mutating func among(_ fields: [Int], _ rows: [[Int]], of model: Int, _ alias: TableAlias) -> SQLText {
        let types = fields.map { "(\(nothing(of: $0, model)))" as SQLText }.joined(by: ", ")
        let columns = fields.map { typing($0, of: model) }
        let values = rows.map { row in
            "(\(zip(row, columns).map { "\(slot: $0, of: $1)" as SQLText }.joined(by: ", ")))" as SQLText
        }.joined(by: ", ")
        let list = makeAlias()
        let names = fields.indices.map { "\(key: $0)" as SQLText }.joined(by: ", ")
        let keys = fields.indices.map { "\(list).\(key: $0)" as SQLText }
        let present = keys.map { "\($0) IS NOT NULL" as SQLText }.joined(by: " AND ")
        return
            "\(tuple(fields, of: model, alias)) IN (SELECT \(keys.joined(by: ", ")) FROM (VALUES (\(types)), \(values)) AS \(list) (\(names)) WHERE \(present))"
    }

    /// `(t0."a", t0."b") IN (SELECT unnest(array_cat(ARRAY(SELECT t1."a" FROM "T" AS t1 LIMIT 0), $1)), …)`
    ///
    /// Why the empty array: it gives the parameter the type of its column.
    mutating func among(_ fields: [Int], _ lists: [Int], of model: Int, _ alias: TableAlias) -> SQLText {
        let columns = zip(fields, lists).map { field, list in
            "unnest(array_cat(ARRAY(\(nothing(of: field, model))), \(slot: list, of: typing(field, of: model))))" as SQLText
        }.joined(by: ", ")
        return "\(tuple(fields, of: model, alias)) IN (SELECT \(columns))"
    }

    private func tuple(_ fields: [Int], of model: Int, _ alias: TableAlias) -> SQLText {
        "(\(fields.map { column($0, of: model, alias) }.joined(by: ", ")))"
    }

    /// `SELECT t1."a" FROM "T" AS t1 LIMIT 0`: no value, with the type of the column.
    private mutating func nothing(of field: Int, _ model: Int) -> SQLText {
        let alias = makeAlias()
        return "SELECT \(column(field, of: model, alias)) FROM \(table(schema.models[model])) AS \(alias) LIMIT 0"
    }
}

extension Filter {
    /// The fields of a conjunction of plain equalities, in its order. Nil for any other filter.
    package var equalityFields: [Int]? {
        switch self {
        case .scalar(let field, .compare(.equals, .slot, isInsensitive: false)): return [field]
        case .all(let parts):
            var fields: [Int] = []
            for part in parts {
                guard case .scalar(let field, .compare(.equals, .slot, isInsensitive: false)) = part, !fields.contains(field) else { return nil }
                fields.append(field)
            }
            return fields.isEmpty ? nil : fields
        default: return nil
        }
    }

    /// Returns the slots of a conjunction of plain equalities over exactly these fields, in their order. Nil for any other filter.
    package func slots(equalTo fields: [Int]) -> [Int]? {
        var slots: [Int] = []
        let parts = if case .all(let parts) = self { parts } else { [self] }
        guard parts.count == fields.count else { return nil }
        for (field, part) in zip(fields, parts) {
            guard case .scalar(field, .compare(.equals, .slot(let slot), isInsensitive: false)) = part else { return nil }
            slots.append(slot)
        }
        return slots
    }
}
