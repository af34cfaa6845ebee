import Query
import SQL
import Schema
import Text

/// Columns that are part of the keys of several relations, such as a tenant's column.
extension WriteExecutor {
    /// Returns the columns of a key that become NULL when its relation ends. Those are the columns that no other relation has in its key,
    /// if there are any.
    ///
    /// Why some are enough: a key with NULL in it is not a key. NULL in the columns of other keys would end their relations, too.
    func clearable(_ key: [Int], of model: Int) -> [Int] {
        let nullable = key.filter { field($0, of: model).arity == .optional }
        var shared: Set<Int> = []
        for field in schema.models[model].fields {
            if case .relation(let relation) = field.type, case .references(let other, _) = relation.link, other != key { shared.formUnion(other) }
        }
        let alone = nullable.filter { !shared.contains($0) }
        return alone.isEmpty ? nullable : alone
    }

    /// Gives a column of a new record the value that a relation needs. Throws if another relation has given it a different one.
    func give(_ cell: InsertedCell, to field: Int, of model: Int, _ cells: inout [Int: InsertedCell]) throws(Failure) {
        if let given = cells[field] {
            guard case .slot(let slot) = given, case .slot(let other) = cell, isSameKey(slot, other, field, of: model) else {
                throw .sharedKey(name(of: model), self.field(field, of: model).name)
            }
        }
        cells[field] = cell
    }

    /// The same for the changes of a record.
    func give(
        _ changes: [(field: Int, change: WriteData.Change)], of model: Int, _ all: inout [(field: Int, change: WriteData.Change)]
    ) throws(Failure) {
        for (field, change) in changes {
            guard let given = all.first(where: { $0.field == field })?.change else {
                all.append((field, change))
                continue
            }
            switch (given, change) {
            case (.null, .null): continue
            case (.set(let slot), .set(let other)) where isSameKey(slot, other, field, of: model): continue
            default: throw .sharedKey(name(of: model), self.field(field, of: model).name)
            }
        }
    }

    private func isSameKey(_ slot: Int, _ other: Int, _ field: Int, of model: Int) -> Bool {
        if slot == other || parameters.equal(slot, other) { return true }
        // Why: the columns of two decimal keys may differ in their number of decimals.
        guard case .scalar(.decimal) = self.field(field, of: model).type, let left = parameters.text(slot), let right = parameters.text(other)
        else { return false }
        return Self.significant(left).elementsEqual(Self.significant(right))
    }

    /// Returns a decimal without the zeros at the end of its fraction.
    static func significant(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard text.contains(UInt8(ascii: ".")) else { return text }
        var end = text.endIndex
        while end > text.startIndex, text[end - 1] == UInt8(ascii: "0") { end -= 1 }
        if end > text.startIndex, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: text[..<end])
    }
}
