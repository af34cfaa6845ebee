import PostgresFixtures
import Testing
import Text

@testable import Postgres

/// Rows that no server sent, for tests of what is made of them.
struct SyntheticRows {
    var columns: [(name: String, type: ColumnType)]
    var isBinary = true
    var rows: [[[UInt8]?]]

    func reply() throws -> ResultHandle {
        try #require(
            ResultHandle.synthetic(
                columns: columns.map { ResultHandle.SyntheticColumn(name: $0.name, type: $0.type.rawValue, isBinary: isBinary) },
                rows: rows))
    }
}

/// Bytes as the server writes them.
enum Bytes {
    static func int16(_ value: Int) -> [UInt8] { big(UInt16(truncatingIfNeeded: value)) }
    static func int32(_ value: Int) -> [UInt8] { big(UInt32(truncatingIfNeeded: value)) }
    static func int64(_ value: Int) -> [UInt8] { big(UInt64(truncatingIfNeeded: value)) }
    static func float4(_ value: Float) -> [UInt8] { big(value.bitPattern) }
    static func float8(_ value: Double) -> [UInt8] { big(value.bitPattern) }
    static func text(_ value: String) -> [UInt8] { Array(value.utf8) }

    static func numeric(_ groups: [Int], weight: Int, sign: Int = 0, scale: Int = 0) -> [UInt8] {
        int16(groups.count) + int16(weight) + int16(sign) + int16(scale) + groups.flatMap { int16($0) }
    }

    static func array(_ element: ColumnType, sizes: [Int], _ elements: [[UInt8]?]) -> [UInt8] {
        var bytes = int32(sizes.count) + int32(0) + int32(Int(element.rawValue))
        for size in sizes { bytes += int32(size) + int32(1) }
        for element in elements { bytes += element.map { int32($0.count) + $0 } ?? int32(-1) }
        return bytes
    }

    private static func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

/// The JSON of an answer made from such rows.
func answer(_ root: RowShape.Root, _ tables: [SyntheticRows], limit: Int = 1 << 20) throws -> String {
    let results = ResultSet(try tables.map { try $0.reply() })
    var buffer = ByteBuffer()
    try RowWriter(RowShape(root)).write(results, into: &buffer, limit: limit)
    return buffer.string()
}

/// The JSON of one cell under a form.
func written(_ cell: [UInt8]?, _ type: ColumnType, _ form: ValueForm, isBinary: Bool = true) throws -> String {
    let rows = SyntheticRows(columns: [("c", type)], isBinary: isBinary, rows: [[cell]])
    return try answer(.value(RowShape.Column(0, form), result: 0), [rows])
}
