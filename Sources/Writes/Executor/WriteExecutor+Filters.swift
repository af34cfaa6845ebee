import CLinux
import Query
import SQL
import Schema
import Text

/// Conditions that are made of values which were found or given.
extension WriteExecutor {
    /// Returns the condition that fields have these values.
    func filter(_ record: Record, _ fields: [Int]) -> Filter {
        .all(fields.map { Self.filter($0, record[$0] ?? .null) })
    }

    /// NULL is not a key: no record has it.
    static func filter(_ field: Int, _ value: Value) -> Filter {
        switch value {
        case .null: .any([])
        case .slot(let slot): .scalar(field: field, .compare(.equals, .slot(slot), isInsensitive: false))
        }
    }

    /// Returns the fields that a filter of plain equalities compares, each with the slot of its value.
    static func equalities(_ filter: Filter) -> [Int: Int] {
        var parts = [filter]
        if case .all(let inner) = filter { parts = inner }
        var slots: [Int: Int] = [:]
        for part in parts {
            if case .scalar(let field, .compare(.equals, .slot(let slot), isInsensitive: false)) = part, slots[field] == nil { slots[field] = slot }
        }
        return slots
    }

    /// Returns the condition that the fields `named` have the values that one of these records has in `fields`: `"id" = ANY($1)`. A record
    /// with NULL there is left out.
    func filter(any records: some Sequence<Record>, _ fields: [Int], named names: [Int]? = nil) throws(Failure) -> Filter {
        var rows: [[Int]] = []
        for record in records {
            let slots = fields.compactMap { field -> Int? in if case .slot(let slot) = record[field] ?? .null { slot } else { nil } }
            if slots.count == fields.count { rows.append(slots) }
        }
        return try among(names ?? fields, rows)
    }

    /// Returns the condition that one of these holds. A large number of equal form becomes one look-up with lists of values.
    func alternatives(_ filters: [Filter]) throws(Failure) -> Filter {
        if filters.count == 1 { return filters[0] }
        // Why not from fewer on: up to this number a statement names the rows that it changes.
        guard filters.count > SQLLimit.namedRows, let fields = filters[0].equalityFields else { return .any(filters) }
        var rows: [[Int]] = []
        rows.reserveCapacity(filters.count)
        for filter in filters {
            guard let slots = filter.slots(equalTo: fields) else { return .any(filters) }
            rows.append(slots)
        }
        return try among(fields, rows)
    }

    /// Returns the condition that fields have the values of one of these rows of slots.
    private func among(_ fields: [Int], _ rows: [[Int]]) throws(Failure) -> Filter {
        if rows.isEmpty { return .any([]) }
        var lists: [Int] = []
        for position in fields.indices { lists.append(try list(of: rows.lazy.map { $0[position] })) }
        if fields.count > 1 { return .amongTuples(fields: fields, lists: lists) }
        return .scalar(field: fields[0], .among(.slot(lists[0]), isNegated: false, isInsensitive: false))
    }

    /// Appends a parameter with the list of the values of these slots.
    private func list(of slots: some Sequence<Int>) throws(Failure) -> Int {
        var list = ByteBuffer(capacity: 1024)
        let texts = slots.lazy.compactMap { slot in self.parameters.pointer(slot) }
        Self.writeList(texts.map { UnsafeRawBufferPointer(start: $0, count: strlen($0)) }, into: &list)
        let slot = parameters.count
        try parameters.append { (buffer) throws(Failure) in buffer.append(list.bytes) }
        return slot
    }

    /// True if a condition asks about related records that `data` may change.
    ///
    /// Why it matters: a statement that has waited for a lock looks at the locked row again, and at no other.
    func asksAboutOthers(_ condition: Filter?, changedBy data: WriteData) -> Bool {
        guard let condition, !data.relations.isEmpty else { return false }
        return condition.asksAboutRelations
    }

    /// Returns each filter once: filters that ask the same of the same values are equal.
    func distinct(_ filters: [Filter]) -> [Filter] {
        var seen: Set<[UInt8]> = []
        return filters.filter { filter in
            guard let text = text(filter) else { return true }
            return seen.insert(text).inserted
        }
    }

    /// Returns the fields and values of a filter by a unique key. Nil when it asks for more.
    private func text(_ filter: Filter) -> [UInt8]? {
        switch filter {
        case .scalar(let field, .compare(.equals, .slot(let slot), isInsensitive: false)):
            guard let value = parameters.pointer(slot) else { return nil }
            return Array("\(field)=".utf8) + UnsafeRawBufferPointer(start: value, count: strlen(value) + 1)
        case .all(let parts):
            var whole: [UInt8] = []
            for part in parts {
                guard let text = text(part) else { return nil }
                whole += text
            }
            return whole
        default: return nil
        }
    }
}
