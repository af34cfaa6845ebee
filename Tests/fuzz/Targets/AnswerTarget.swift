import PostgresFixtures
import Text

@testable import Postgres

/// Rows of a hostile server. The first bytes choose the form of the column, its type and its format; the rest is two cells.
///
/// What is written is JSON, but for columns of type json and jsonb, whose bytes are the server's own, and for texts that are not the UTF-8 that
/// every connection asks for.
func fuzzAnswer(_ input: UnsafeRawBufferPointer) {
    guard input.count >= 4 else { return }
    let form = ValueForm(kinds[Int(input[0]) % kinds.count], isList: input[1] & 1 != 0)
    let type = types[Int(input[2]) % types.count]
    let rest = Array(input[4...])
    let cut = rest.count * Int(input[3]) / 255
    let cells: [[UInt8]?] = [Array(rest[..<cut]), input[1] & 4 != 0 ? nil : Array(rest[cut...])]
    let column = ResultHandle.SyntheticColumn(name: "c", type: type, isBinary: input[1] & 2 == 0)
    guard let reply = ResultHandle.synthetic(columns: [column, column], rows: [cells, cells.reversed(), cells]) else { return }
    let results = ResultSet([reply])
    let isJSON = !json.contains(type) && !mentionsJSON(rest) && ((column.isBinary && !showsText(form)) || areTexts(cells))
    for root in roots(form) {
        var buffer = ByteBuffer()
        do {
            try RowWriter(RowShape(root)).write(results, into: &buffer, limit: 1 << 16)
            if isJSON { require(isValid(buffer), "what is written is JSON") }
        } catch {
            require(error.status == .database || error.status == .tooLarge || error.status == .internal, "the database is to blame")
        }
    }
}

private let kinds: [ValueForm.Kind] = [
    .boolean, .integer, .bigInt, .float, .decimal, .string, .dateTime, .json, .bytes, .automatic,
    .enumeration(EnumLabels([(label: "a", name: "A"), (label: "3 b", name: "B")])),
]

private let json: [UInt32] = [114, 199, 3802, 3807]

/// Every type that has a decoder, arrays of them, and some that have none.
private let types: [UInt32] = [
    16, 17, 18, 19, 20, 21, 23, 25, 26, 114, 142, 650, 700, 701, 705, 790, 829, 869, 1042, 1043, 1082, 1083, 1114, 1184, 1186, 1266, 1560, 1562, 1700, 2278,
    2950, 3802, 16384, 1000, 1001, 1005, 1007, 1009, 1016, 1021, 1022, 1028, 1115, 1182, 1183, 1185, 1231, 1270, 2951, 199, 3807, 143, 791, 1041, 1187, 1561,
    999,
]

/// An array in binary format names the type of its elements; then these may be the server's own JSON, too.
private func mentionsJSON(_ bytes: [UInt8]) -> Bool {
    json.contains { type in
        let name = withUnsafeBytes(of: type.bigEndian) { Array($0) }
        return bytes.indices.contains { bytes[$0...].starts(with: name) }
    }
}

/// Whether bytes of a cell may stand in the answer as they are.
private func showsText(_ form: ValueForm) -> Bool {
    switch form.kind {
    case .string, .automatic, .enumeration: true
    default: false
    }
}

private func areTexts(_ cells: [[UInt8]?]) -> Bool { cells.allSatisfy { $0.map { String(validating: $0, as: UTF8.self) != nil } ?? true } }

/// One value, a record, and records that belong together by their cells.
private func roots(_ form: ValueForm) -> [RowShape.Root] {
    let cell = RowShape.Member("c", .column(RowShape.Column(0, form)))
    let inner = RowShape.Record([RowShape.Member("d", .column(RowShape.Column(1, form)))])
    let many = RowShape.Content.toMany(inner, result: 0, keys: [1], matching: [0], isReversed: true)
    let record = RowShape.Record([cell, RowShape.Member("one", .toOne(inner, presence: 1)), RowShape.Member("many", many)])
    return [.value(RowShape.Column(0, form), result: 0), .list(record, result: 0, isReversed: false)]
}

private func isValid(_ buffer: borrowing ByteBuffer) -> Bool {
    do {
        _ = try JSONDocument(scanning: buffer.bytes)
        return true
    } catch {
        return error.status == .tooLarge
    }
}
