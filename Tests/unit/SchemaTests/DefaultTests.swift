import Schema
import Testing

@Suite("Defaults and native types") struct DefaultTests {
    private func defaultValue(_ type: String, _ text: String) throws -> DefaultValue? {
        let schema = try SchemaText.parse("model M {\n key Int @id\n f \(type) @default(\(text))\n}")
        return try schema.field("M", "f").defaultValue
    }

    private func error(_ type: String, _ text: String) -> [String] {
        SchemaText.errors("model M {\n key Int @id\n f \(type) @default(\(text))\n}")
    }

    @Test("literals keep the text they were written with")
    func literals() throws {
        #expect(try defaultValue("Int", "-12") == .literal("-12"))
        #expect(try defaultValue("BigInt", "9223372036854775807") == .literal("9223372036854775807"))
        #expect(try defaultValue("Float", "1.50") == .literal("1.50"))
        #expect(try defaultValue("Decimal", "22.99") == .literal("22.99"))
        #expect(try defaultValue("Boolean", "true") == .literal("true"))
        #expect(try defaultValue("Boolean?", "value: false") == .literal("false"))
        #expect(try defaultValue("String", "\"\"") == .literal(""))
        #expect(try defaultValue("Json", #""{\"a\": [1, null]}""#) == .literal(#"{"a": [1, null]}"#))
        #expect(try defaultValue("DateTime", "\"2026-01-02T03:04:05Z\"") == .literal("2026-01-02T03:04:05Z"))
        #expect(try defaultValue("Bytes", "\"aGk=\"") == .literal("aGk="))
        #expect(try defaultValue("Int[]", "[1, 2, 3]") == .list(["1", "2", "3"]))
        #expect(try defaultValue("String[]", "[]") == .list([]))
    }

    @Test("the escapes of strings are those of JSON")
    func escapes() throws {
        #expect(try defaultValue("String", #""a\"b\\c\/d\b\f\n\r\té😀é""#) == .literal("a\"b\\c/d\u{8}\u{C}\n\r\té😀é"))
        for broken in [#""\x""#, #""\u12""#, #""\ud83d""#, #""\ude00\ud83d""#, #""\u00zz""#] {
            #expect(error("String", broken).first?.hasPrefix("3:21: unknown escape") == true, "\(broken)")
        }
    }

    @Test("dates, bytes and decimals in strings have to be some")
    func stringForms() throws {
        for date in ["2024-02-29T23:59:60Z", "2026-01-02t03:04:05.678901-12:30", "2000-02-29 00:00:00+00:00"] {
            #expect(try defaultValue("DateTime", "\"\(date)\"") == .literal(date))
        }
        for date in [
            "2026-02-29T00:00:00Z", "2026-1-02T03:04:05Z", "2026-01-02", "2026-13-01T00:00:00Z", "2026-01-02T24:00:00Z",
            "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Zx",
        ] {
            #expect(error("DateTime", "\"\(date)\"").count == 1, "\(date)")
        }
        for (text, isRight) in [
            ("", true), ("aGk=", true), ("aGkhaA==", true), ("aGk", true), ("aGk=a", false), ("a===", false), ("aG=k", false),
            ("aG_-", false),
        ] {
            #expect(error("Bytes", "\"\(text)\"").isEmpty == isRight, "\(text)")
        }
        for (text, isRight) in [
            ("1.50", true), ("-2e10", true), ("1e-7", true), ("", false), ("inf", false), ("0x1", false), ("1..2", false),
            ("1e", false),
        ] {
            #expect(error("Decimal", "\"\(text)\"").isEmpty == isRight, "\(text)")
        }
    }

    @Test("functions")
    func functions() throws {
        #expect(try defaultValue("Int", "autoincrement()") == .autoincrement)
        #expect(try defaultValue("DateTime", "now()") == .now)
        #expect(try defaultValue("String", "uuid()") == .uuid(version: 4))
        #expect(try defaultValue("String", "uuid(7)") == .uuid(version: 7))
        #expect(try defaultValue("String", "cuid()") == .cuid(version: 1))
        #expect(try defaultValue("String", "cuid(2)") == .cuid(version: 2))
        #expect(try defaultValue("String", "ulid()") == .ulid)
        #expect(try defaultValue("String", "nanoid()") == .nanoid(length: 21))
        #expect(try defaultValue("String", "nanoid(10)") == .nanoid(length: 10))
        #expect(try defaultValue("String", "dbgenerated(\"gen_random_uuid()\")") == .database("gen_random_uuid()"))
        #expect(try defaultValue("Unsupported(\"circle\")", "dbgenerated()") == .database(nil))
    }

    @Test(
        "a default that does not fit is refused where it stands",
        arguments: [
            ("Int", "\"1\"", "3:17: a string as the default of a field of type Int; expected a whole number"),
            ("Int", "1.5", "3:17: the number 1.5 as the default of a field of type Int; expected a whole number"),
            (
                "Int", "9223372036854775808",
                "3:17: the number 9223372036854775808 as the default of a field of type Int; expected a whole number"
            ),
            ("Boolean", "yes", "3:21: \"yes\" as the default of a field of type Boolean; expected true or false"),
            ("String", "1", "3:20: the number 1 as the default of a field of type String; expected a string"),
            (
                "Json", "\"{\"",
                "3:18: a string as the default of a field of type Json; expected a string that holds JSON"
            ),
            ("Int", "[1]", "3:17: a list as the default of a single value; expected one value"),
            ("Int[]", "1", "3:19: the number 1 as the default of a list; expected a list, as [\"a\", \"b\"]"),
            ("Int[]", "[1, \"2\"]", "3:23: a string as the default of a field of type Int; expected a whole number"),
            (
                "String", "autoincrement()",
                "3:20: autoincrement() as the default of a field of type String; expected a field of type Int or BigInt"
            ),
            ("Int", "now()", "3:17: now() as the default of a field of type Int; expected a field of type DateTime"),
            ("String", "uuid(5)", "3:25: uuid(): the number 5; expected nothing, or 4 or 7"),
            ("String", "nanoid(1)", "3:27: nanoid(): the number 1; expected nothing, or a number from 2 to 255"),
            (
                "String", "dbgenerated(\"\")",
                "3:32: dbgenerated(): a string; expected nothing, or an SQL expression as a string"
            ),
            (
                "DateTime", "noww()",
                "3:22: unknown function \"noww\"; expected one of: autoincrement, now, uuid, cuid, ulid, nanoid, dbgenerated; did you mean \"now\"?"
            ),
            (
                "Int", "autoincrement(1)",
                "3:31: autoincrement() has an unexpected argument, the number 1; expected no argument"
            ),
            ("Int", "1, map: \"x\"", "3:25: map of @default; expected no name: PostgreSQL keeps none for a default"),
        ])
    func wrongDefaults(type: String, text: String, expected: String) {
        #expect(error(type, text) == [expected])
    }

    @Test("a value that an enum does not have")
    func wrongEnumValue() {
        let text = "model M {\n id Int @id\n r Role @default(ADMN)\n}\nenum Role {\n ADMIN\n GUEST\n}"
        #expect(
            SchemaText.errors(text) == [
                "3:18: the enum \"Role\" has no value \"ADMN\"; expected one of: ADMIN, GUEST; did you mean \"ADMIN\"?"
            ])
    }

    @Test("each native type fits its scalar and no other", arguments: NativeType.Name.allCases)
    func nativeTypes(name: NativeType.Name) throws {
        for scalar in ScalarType.allCases {
            let text = "model M {\n id Int @id\n f \(scalar.rawValue)? @db.\(name.rawValue)\n}"
            if scalar == name.scalar {
                #expect(try SchemaText.parse(text).field("M", "f").nativeType?.name == name)
            } else {
                let column = scalar.rawValue.utf8.count + 6
                #expect(
                    SchemaText.errors(text) == [
                        "3:\(column): @db.\(name.rawValue) on a field of type \(scalar.rawValue); expected a field of type \(name.scalar.rawValue)"
                    ])
            }
        }
    }

    @Test(
        "arguments of native types",
        arguments: [
            ("String", "VarChar(40)", [40]), ("String", "Char(1)", [1]), ("Decimal", "Decimal(10, 2)", [10, 2]),
            ("Decimal", "Decimal(12)", [12]), ("DateTime", "Timestamp(0)", [0]), ("DateTime", "Timetz(6)", [6]),
            ("String", "Bit(8)", [8]), ("String", "VarBit", []),
        ])
    func nativeArguments(scalar: String, type: String, expected: [Int]) throws {
        let schema = try SchemaText.parse("model M {\n id Int @id\n f \(scalar) @db.\(type)\n}")
        #expect(try schema.field("M", "f").nativeType?.arguments == expected)
    }

    @Test(
        "wrong arguments of native types",
        arguments: [
            ("String @db.VarChar(0)", "3:23: @db.VarChar: the number 0; expected a number from 1 to 10485760"),
            ("String @db.VarChar(\"9\")", "3:23: @db.VarChar: a string; expected a number from 1 to 10485760"),
            ("String @db.VarChar(1, 2)", "3:11: @db.VarChar with 2 arguments; expected at most 1"),
            ("String @db.Uuid(1)", "3:11: @db.Uuid with 1 arguments; expected no arguments"),
            ("DateTime @db.Timestamp(7)", "3:27: @db.Timestamp: the number 7; expected a number from 0 to 6"),
            (
                "Decimal @db.Decimal(2, 3)",
                "3:27: a scale of 3 with a precision of 2; expected a scale that is not larger than the precision"
            ),
            (
                "String @db.Varchar(1)",
                "3:11: PostgreSQL has no type \"Varchar\"; expected a native type of PostgreSQL; did you mean \"@db.VarChar\"?"
            ),
            (
                "String @pg.Uuid",
                "3:11: unknown attribute @pg.Uuid; expected the name of the datasource in front of the type; did you mean \"@db.Uuid\"?"
            ),
        ])
    func wrongNativeArguments(field: String, expected: String) {
        #expect(SchemaText.errors("model M {\n id Int @id\n f \(field)\n}") == [expected])
    }

    @Test("native types bear the name of the datasource")
    func datasourceName() throws {
        let text = "datasource pg {\n provider = \"postgres\"\n}\nmodel M {\n id Int @id\n f String @pg.Uuid\n}"
        #expect(try SchemaText.parse(text).field("M", "f").nativeType?.name == .uuid)
    }
}
