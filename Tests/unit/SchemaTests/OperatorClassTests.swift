import Schema
import Testing

/// Every operator class with every type of index over every kind of column: what PostgreSQL can make is accepted, the rest refused.
@Suite("Operator classes") struct OperatorClassTests {
    /// Class: index types: the columns it takes.
    private static let table = """
        InetOps: Gist SpGist: Inet
        JsonbOps: Gin: Json JsonB
        JsonbPathOps: Gin: Json JsonB
        TextOps: SpGist: String Text VarChar Char
        BitMinMaxOps: Brin: Bit
        VarBitMinMaxOps: Brin: VarBit
        BpcharBloomOps: Brin: Char
        BpcharMinMaxOps: Brin: Char
        ByteaBloomOps: Brin: Bytes ByteA
        ByteaMinMaxOps: Brin: Bytes ByteA
        DateBloomOps: Brin: Date
        DateMinMaxOps: Brin: Date
        DateMinMaxMultiOps: Brin: Date
        Float4BloomOps: Brin: Real
        Float4MinMaxOps: Brin: Real
        Float4MinMaxMultiOps: Brin: Real
        Float8BloomOps: Brin: Float DoublePrecision
        Float8MinMaxOps: Brin: Float DoublePrecision
        Float8MinMaxMultiOps: Brin: Float DoublePrecision
        InetInclusionOps: Brin: Inet
        InetBloomOps: Brin: Inet
        InetMinMaxOps: Brin: Inet
        InetMinMaxMultiOps: Brin: Inet
        Int2BloomOps: Brin: SmallInt
        Int2MinMaxOps: Brin: SmallInt
        Int2MinMaxMultiOps: Brin: SmallInt
        Int4BloomOps: Brin: Int Integer
        Int4MinMaxOps: Brin: Int Integer
        Int4MinMaxMultiOps: Brin: Int Integer
        Int8BloomOps: Brin: BigInt BigInt8
        Int8MinMaxOps: Brin: BigInt BigInt8
        Int8MinMaxMultiOps: Brin: BigInt BigInt8
        NumericBloomOps: Brin: Decimal Decimal2
        NumericMinMaxOps: Brin: Decimal Decimal2
        NumericMinMaxMultiOps: Brin: Decimal Decimal2
        OidBloomOps: Brin: Oid
        OidMinMaxOps: Brin: Oid
        OidMinMaxMultiOps: Brin: Oid
        TextBloomOps: Brin: String Text VarChar
        TextMinMaxOps: Brin: String Text VarChar
        TimestampBloomOps: Brin: DateTime Timestamp
        TimestampMinMaxOps: Brin: DateTime Timestamp
        TimestampMinMaxMultiOps: Brin: DateTime Timestamp
        TimestampTzBloomOps: Brin: Timestamptz
        TimestampTzMinMaxOps: Brin: Timestamptz
        TimestampTzMinMaxMultiOps: Brin: Timestamptz
        TimeBloomOps: Brin: Time
        TimeMinMaxOps: Brin: Time
        TimeMinMaxMultiOps: Brin: Time
        TimeTzBloomOps: Brin: Timetz
        TimeTzMinMaxOps: Brin: Timetz
        TimeTzMinMaxMultiOps: Brin: Timetz
        UuidBloomOps: Brin: Uuid
        UuidMinMaxOps: Brin: Uuid
        UuidMinMaxMultiOps: Brin: Uuid
        ArrayOps: Gin: Strings Ints Enums Jsons Uuids
        """

    /// What a column is written as.
    private static let columns: [(name: String, type: String)] = [
        ("String", "String"), ("Boolean", "Boolean"), ("Int", "Int"), ("BigInt", "BigInt"), ("Float", "Float"), ("Decimal", "Decimal"),
        ("DateTime", "DateTime"), ("Json", "Json"), ("Bytes", "Bytes"), ("Enum", "E"), ("Unsupported", "Unsupported(\"circle\")"),
        ("Text", "String @db.Text"), ("Char", "String @db.Char(3)"), ("VarChar", "String @db.VarChar(9)"), ("Citext", "String @db.Citext"),
        ("Uuid", "String @db.Uuid"), ("Xml", "String @db.Xml"), ("Inet", "String @db.Inet"), ("Bit", "String @db.Bit(3)"),
        ("VarBit", "String @db.VarBit(3)"), ("Boolean1", "Boolean @db.Boolean"), ("SmallInt", "Int @db.SmallInt"),
        ("Integer", "Int @db.Integer"), ("BigInt8", "BigInt @db.BigInt"), ("Oid", "Int @db.Oid"), ("Real", "Float @db.Real"),
        ("DoublePrecision", "Float @db.DoublePrecision"), ("Decimal2", "Decimal @db.Decimal(9, 2)"), ("Money", "Decimal @db.Money"),
        ("Timestamp", "DateTime @db.Timestamp(3)"), ("Timestamptz", "DateTime @db.Timestamptz(3)"), ("Date", "DateTime @db.Date"),
        ("Time", "DateTime @db.Time(3)"), ("Timetz", "DateTime @db.Timetz(3)"), ("Json1", "Json @db.Json"), ("JsonB", "Json @db.JsonB"),
        ("ByteA", "Bytes @db.ByteA"), ("Strings", "String[]"), ("Ints", "Int[]"), ("Enums", "E[]"), ("Jsons", "Json[] @db.Json"),
        ("Uuids", "String[] @db.Uuid"),
    ]

    /// Lists and their elements' types: a class for elements is asked for by the type that the text names.
    private static let elements = ["Strings": "String", "Ints": "Int", "Enums": "Enum", "Jsons": "Json1", "Uuids": "Uuid"]
    private static let indexTypes = ["BTree", "Hash", "Gist", "Gin", "SpGist", "Brin"]

    private static func isRefused(_ column: String, _ attribute: String) -> Bool {
        !SchemaText.errors("model A {\n id Int @id\n a \(column)\n \(attribute)\n}\nenum E {\n X\n}").isEmpty
    }

    @Test("a class that fits neither the column nor the type of the index is refused, one that fits both is accepted")
    func classes() {
        var count = 0
        for line in Self.table.split(separator: "\n") {
            let parts = line.split(separator: ":").map { $0.split(separator: " ").map(String.init) }
            let (name, types, fitting) = (parts[0][0], parts[1], Set(parts[2]))
            for column in Self.columns where column.name != "Xml" {
                for type in Self.indexTypes {
                    let isRight = types.contains(type) && fitting.contains(name == "ArrayOps" ? column.name : Self.elements[column.name] ?? column.name)
                    let attribute = "@@index([a(ops: \(name))], type: \(type))"
                    #expect(Self.isRefused(column.type, attribute) != isRight, "\(column.type) \(attribute)")
                    count += 1
                }
            }
        }
        #expect(count > 13_000)
    }

    /// Type of index: the columns it takes without being told a class.
    private static let defaults: [String: Set<String>] = [
        "Gist": ["String", "Unsupported", "Strings"],
        "Gin": ["Json", "JsonB", "Unsupported", "Strings", "Ints", "Enums", "Jsons", "Uuids"],
        "SpGist": ["String", "Text", "VarChar", "Char", "Inet", "Unsupported", "Strings"],
        "Brin": [
            "String", "Int", "BigInt", "Float", "Decimal", "DateTime", "Bytes", "Unsupported", "Text", "Char", "VarChar", "Uuid", "Inet", "Bit",
            "VarBit", "SmallInt", "Integer", "BigInt8", "Oid", "Real", "DoublePrecision", "Decimal2", "Timestamp", "Timestamptz", "Date",
            "Time", "Timetz", "ByteA", "Strings", "Ints", "Uuids",
        ],
    ]

    @Test("without a class the type of the index has to have one for the column")
    func defaultClasses() {
        for column in Self.columns where column.name != "Xml" {
            for type in Self.indexTypes {
                let isRight = Self.defaults[type]?.contains(column.name) ?? true
                #expect(Self.isRefused(column.type, "@@index([a], type: \(type))") != isRight, "\(column.type) \(type)")
            }
            #expect(!Self.isRefused(column.type, "@@index([a])"), "\(column.type)")
            #expect(!Self.isRefused(column.type, "@@index([a(ops: raw(\"own_ops\"))], type: Gist)"), "\(column.type)")
        }
    }

    @Test("XML cannot be compared")
    func xml() {
        for attribute in ["@@index([a])", "@@unique([a])", "@@index([id, a])", "@@index([a], type: Hash)"] {
            #expect(Self.isRefused("String @db.Xml", attribute), "\(attribute)")
        }
        #expect(Self.isRefused("String @unique @db.Xml", "") && Self.isRefused("String @db.Xml @unique", ""))
    }

    @Test(
        "rules of the types of indexes",
        arguments: [
            (
                "@@index([a, id], type: SpGist)",
                [
                    "4:2: @@index of type SpGist over several fields; expected one field",
                    "4:2: @@index of type SpGist over \"id\" of type Int, which it cannot hold; expected another type of index, or ops:",
                ]
            ),
            ("@@index([a(sort: Desc)], type: Hash)", ["4:19: sort in @@index of type Hash; expected none: a hash has no order"]),
            ("@@index([a(sort: Asc)], type: Hash)", ["4:19: sort in @@index of type Hash; expected none: a hash has no order"]),
            ("@@unique([a(ops: TextOps)])", ["4:19: ops in @@unique; expected it in @@index only"]),
            (
                "@@index([a(ops: TextOp)], type: SpGist)",
                ["4:18: unknown operator class \"TextOp\"; expected a class of Prisma's, or raw(\"…\"); did you mean \"TextOps\"?"]
            ),
            ("@@index([a(ops: \"text_ops\")])", ["4:18: ops in @@index; expected an operator class, or raw(\"…\")"]),
            ("@@index([a(ops: raw())])", ["4:18: raw without one text; expected raw(\"…\")"]),
            ("@@index([a(ops: TextOps)])", ["4:18: TextOps in an index of type BTree; expected type: SpGist"]),
            (
                "@@index([a(ops: UuidBloomOps)], type: Brin)",
                ["4:18: UuidBloomOps for \"a\" of type String; expected a field of type @db.Uuid"]
            ),
            (
                "@@index([a(ops: InetOps)], type: BTree)", ["4:18: InetOps in an index of type BTree; expected type: Gist or SpGist"]
            ),
            (
                "@@index([a(sort: Desc), id], type: Gist)",
                ["4:2: @@index of type Gist over \"id\" of type Int, which it cannot hold; expected another type of index, or ops:"]
            ),
        ])
    func rules(attribute: String, expected: [String]) {
        let text = "model A {\n id Int @id\n a String\n \(attribute)\n}"
        #expect(SchemaText.errors(text) == expected)
    }
}
