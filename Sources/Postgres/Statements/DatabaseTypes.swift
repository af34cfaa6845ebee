import Concurrency

/// What an answer calls the type of a column, in Prisma's words: `int`, `bigint-array`.
struct RawColumnType: Equatable {
    var name: String
    /// The element type of an array that the database has defined itself.
    var elements: UInt32?

    init(_ name: String, elements: UInt32? = nil) {
        self.name = name
        self.elements = elements
    }

    /// Of a type that is the same on every server.
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
        // Shown as the text that PostgreSQL writes.
        default: "string"
        }
    }
}

/// The types that a database has defined itself, as far as somebody wanted to know. Any thread.
///
/// A number is not given to another type soon, so what is known stays known.
final class DatabaseTypes: Sendable {
    private enum Limits {
        /// Beyond this all are forgotten.
        static let count = 10_000
    }

    /// `$1` is a list of numbers. For each: the number, that of an array's elements, and of what sort these are, or the type itself.
    static let question = """
        SELECT t.oid::pg_catalog.text, e.oid::pg_catalog.text, COALESCE(e.typtype, t.typtype)::pg_catalog.text
        FROM pg_catalog.pg_type t
        LEFT JOIN pg_catalog.pg_type e ON e.oid OPERATOR(pg_catalog.=) t.typelem AND t.typcategory OPERATOR(pg_catalog.=) 'A'
        WHERE t.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
        """

    private let known = Lock<[UInt32: RawColumnType]>([:])

    /// Those that have to be asked for, each once.
    func unknown(among numbers: [UInt32]) -> [UInt32] {
        let own = Set(numbers.filter { ColumnType(rawValue: $0).isOfDatabase })
        if own.isEmpty { return [] }
        return known.withLock { known in own.filter { known[$0] == nil }.sorted() }
    }

    /// Takes the rows that answer `question`.
    func learn(_ results: borrowing ResultSet) {
        guard let reply = results.replies.first, reply.columnCount == 3 else { return }
        known.withLock { known in
            if known.count >= Limits.count { known.removeAll() }
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

    /// What is known of a type.
    func describe(_ number: UInt32) -> RawColumnType {
        let type = ColumnType(rawValue: number)
        guard type.isOfDatabase else { return RawColumnType(type) }
        return known.withLock { $0[number] } ?? RawColumnType("string")
    }
}
