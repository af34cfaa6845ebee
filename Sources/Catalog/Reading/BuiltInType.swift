/// The types of PostgreSQL that the schema language has words for, by their object identifiers, which never change.
enum BuiltInType {
    static let names: [Int: String] = [
        16: "bool", 17: "bytea", 20: "int8", 21: "int2", 23: "int4", 25: "text", 26: "oid", 114: "json", 142: "xml", 700: "float4", 701: "float8",
        790: "money", 869: "inet", 1042: "bpchar", 1043: "varchar", 1082: "date", 1083: "time", 1114: "timestamp", 1184: "timestamptz", 1266: "timetz",
        1560: "bit", 1562: "varbit", 1700: "numeric", 2950: "uuid", 3802: "jsonb",
    ]

    /// The identifiers, for SQL.
    static var list: String { names.keys.sorted().map(String.init).joined(separator: ", ") }
}
