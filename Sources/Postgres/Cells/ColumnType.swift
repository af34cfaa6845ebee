/// The PostgreSQL types that have decoders, by object identifier (`pg_type.oid`). Built-in identifiers are the same on every server.
///
/// A type that was created in a database, such as an enum or citext, has an identifier of 16384 or more.
struct ColumnType: RawRepresentable, Equatable {
    var rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }
    private init(_ rawValue: UInt32) { self.rawValue = rawValue }

    static var bool: ColumnType { .init(16) }
    static var bytea: ColumnType { .init(17) }
    static var char: ColumnType { .init(18) }
    static var name: ColumnType { .init(19) }
    static var int8: ColumnType { .init(20) }
    static var int2: ColumnType { .init(21) }
    static var int4: ColumnType { .init(23) }
    static var text: ColumnType { .init(25) }
    static var oid: ColumnType { .init(26) }
    static var json: ColumnType { .init(114) }
    static var xml: ColumnType { .init(142) }
    static var float4: ColumnType { .init(700) }
    static var float8: ColumnType { .init(701) }
    static var unknown: ColumnType { .init(705) }
    static var bpchar: ColumnType { .init(1042) }
    static var varchar: ColumnType { .init(1043) }
    static var date: ColumnType { .init(1082) }
    static var time: ColumnType { .init(1083) }
    static var timestamp: ColumnType { .init(1114) }
    static var timestamptz: ColumnType { .init(1184) }
    static var interval: ColumnType { .init(1186) }
    static var timetz: ColumnType { .init(1266) }
    static var numeric: ColumnType { .init(1700) }
    static var void: ColumnType { .init(2278) }
    static var uuid: ColumnType { .init(2950) }
    static var jsonb: ColumnType { .init(3802) }

    /// True if the type is not built into the server: an enum, a type of an extension.
    var isOfDatabase: Bool { rawValue >= 16_384 }

    /// A signed integer of two, four or eight bytes.
    var isInteger: Bool { self == .int2 || self == .int4 || self == .int8 }

    /// True if values that were written for this type may be stored as something else after the column's type changes.
    ///
    /// The session's time zone is applied to them, or digits are lost, without an error. An array follows its elements.
    var turnsSilently: Bool {
        switch element ?? self {
        case .date, .time, .timetz, .timestamp, .timestamptz, .interval, .float4, .float8: true
        default: false
        }
    }

    /// True for types whose text and binary formats are both the stored text.
    var isText: Bool {
        switch self {
        case .text, .varchar, .bpchar, .name, .char, .xml, .unknown: true
        default: false
        }
    }

    /// PostgreSQL's name of the type for messages. A type that was made in the database is shown by its number.
    var name: String {
        if let element { return element.name + "[]" }
        return ColumnType.names[rawValue].map { "`\($0)`" } ?? (isOfDatabase ? "number \(rawValue) (made in the database)" : "number \(rawValue)")
    }

    private static let names: [UInt32: String] = [
        16: "boolean", 17: "bytea", 18: "\"char\"", 19: "name", 20: "bigint", 21: "smallint", 23: "integer", 25: "text", 26: "oid", 114: "json",
        142: "xml", 600: "point", 650: "cidr", 700: "real", 701: "double precision", 790: "money", 829: "macaddr", 869: "inet",
        1042: "character", 1043: "character varying", 1082: "date", 1083: "time", 1114: "timestamp", 1184: "timestamp with time zone",
        1186: "interval", 1266: "time with time zone", 1560: "bit", 1562: "bit varying", 1700: "numeric", 2278: "void", 2950: "uuid",
        3614: "tsvector", 3615: "tsquery", 3802: "jsonb", 3904: "int4range", 3906: "numrange", 3908: "tsrange", 3910: "tstzrange", 3912: "daterange",
        3926: "int8range",
    ]

    /// The element type of a built-in array type; nil for every other type.
    var element: ColumnType? {
        switch rawValue {
        case 1000: .bool
        case 1001: .bytea
        case 1002: .char
        case 1003: .name
        case 1005: .int2
        case 1007: .int4
        case 1009: .text
        case 1014: .bpchar
        case 1015: .varchar
        case 1016: .int8
        case 1021: .float4
        case 1022: .float8
        case 1028: .oid
        case 1115: .timestamp
        case 1182: .date
        case 1183: .time
        case 1185: .timestamptz
        case 1231: .numeric
        case 1270: .timetz
        case 2951: .uuid
        case 199: .json
        case 3807: .jsonb
        case 143: .xml
        case 651: .init(650)  // cidr
        case 791: .init(790)  // money
        case 1040: .init(829)  // macaddr
        case 1041: .init(869)  // inet
        case 1187: .init(1186)  // interval
        case 1561: .init(1560)  // bit
        case 1563: .init(1562)  // varbit
        default: nil
        }
    }
}
