import Concurrency

/// What an answer calls the type of a column, in Prisma's words: `int`, `bigint-array`.
struct RawColumnType: Equatable {
    var name: String
    /// The element type of an array that the database defines.
    var elements: UInt32?

    init(_ name: String, elements: UInt32? = nil) {
        self.name = name
        self.elements = elements
    }

    /// Names a type that is the same on every server.
    init(_ type: ColumnType) {
        if let element = type.element { self.init(RawColumnType.name(of: element) + "-array") } else { self.init(RawColumnType.name(of: type)) }
    }

    private static func name(of type: ColumnType) -> String {
        switch type {
        case .bool: "bool"
        case .int2, .int4: "int"
        case .int8, .oid: "bigint"
        case .float4: "float"
        case .float8: "double"
        case .numeric: "decimal"
        case .bytea: "bytes"
        case .char: "char"
        case .uuid: "uuid"
        case .json, .jsonb: "json"
        case .xml: "xml"
        case .timestamp, .timestamptz: "datetime"
        case .date: "date"
        case .time, .timetz: "time"
        case .void: "unknown"
        // The value is the text that PostgreSQL writes.
        default: "string"
        }
    }
}

/// The types that a database defines, as far as they have been looked up. Any thread may use it.
///
/// A number is not soon given to another type, so known types stay known.
final class DatabaseTypes: Sendable {
    /// `$1` is a list of type numbers. Returns for each: the number, its element type's number, and the typtype of the element or of the type
    /// itself.
    static let question = """
        SELECT t.oid::pg_catalog.text, e.oid::pg_catalog.text, COALESCE(e.typtype, t.typtype)::pg_catalog.text
        FROM pg_catalog.pg_type t
        LEFT JOIN pg_catalog.pg_type e ON e.oid OPERATOR(pg_catalog.=) t.typelem AND t.typcategory OPERATOR(pg_catalog.=) 'A'
        WHERE t.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
        """

    private let known = Lock<[UInt32: RawColumnType]>([:])

    /// Returns the types that have to be looked up, without duplicates.
    func unknown(among numbers: [UInt32]) -> [UInt32] {
        let own = Set(numbers.filter { ColumnType(rawValue: $0).isOfDatabase })
        if own.isEmpty { return [] }
        return known.withLock { known in own.filter { known[$0] == nil }.sorted() }
    }

    /// Stores the rows that `question` returned.
    func learn(_ results: borrowing ResultSet) {
        guard let reply = results.replies.first, reply.columnCount == 3 else { return }
        known.withLock { known in
            if known.count >= PostgresLimit.databaseTypes { known.removeAll() }
            for row in 0..<reply.rowCount {
                guard let number = DatabaseTypes.text(reply, row, 0).flatMap({ UInt32($0) }) else { continue }
                let name = DatabaseTypes.text(reply, row, 2) == "e" ? "enum" : "string"
                if let element = DatabaseTypes.text(reply, row, 1).flatMap({ UInt32($0) }) {
                    known[number] = RawColumnType(name + "-array", elements: element)
                } else {
                    known[number] = RawColumnType(name)
                }
            }
        }
    }

    private static func text(_ reply: ResultHandle, _ row: Int, _ column: Int) -> String? {
        reply.text(row, column).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Returns what is known of a type. An unknown type is a string.
    func describe(_ number: UInt32) -> RawColumnType {
        let type = ColumnType(rawValue: number)
        guard type.isOfDatabase else { return RawColumnType(type) }
        return known.withLock { $0[number] } ?? RawColumnType("string")
    }
}
