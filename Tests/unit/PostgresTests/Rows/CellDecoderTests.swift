import Testing
import Text

@testable import Postgres

/// Cells in binary format, and the JSON that each form makes of them.
@Suite struct CellDecoderTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var cell: [UInt8]?
        var type: ColumnType
        var form: ValueForm
        var json: String
        var testDescription: String { "\(type.rawValue) \(json)" }

        init(_ cell: [UInt8]?, _ type: ColumnType, _ kind: ValueForm.Kind, isList: Bool = false, isPrecise: Bool = false, _ json: String) {
            self.cell = cell
            self.type = type
            self.form = ValueForm(kind, isList: isList, isPrecise: isPrecise)
            self.json = json
        }
    }

    static let scalars: [Case] = [
        Case([1], .bool, .boolean, "true"), Case([0], .bool, .boolean, "false"), Case(nil, .bool, .boolean, "null"),
        Case(Bytes.int16(-32768), .int2, .integer, "-32768"), Case(Bytes.int32(-2_147_483_648), .int4, .integer, "-2147483648"),
        Case(Bytes.int64(.min), .int8, .integer, "-9223372036854775808"), Case(Bytes.int32(-1), .oid, .integer, "4294967295"),
        Case(Bytes.int64(.max), .int8, .bigInt, "\"9223372036854775807\""), Case(Bytes.int32(7), .int4, .bigInt, "\"7\""),
        Case(Bytes.float8(0.1), .float8, .float, "0.1"), Case(Bytes.float8(-0.0), .float8, .float, "0"),
        Case(Bytes.float8(.nan), .float8, .decimal, "\"NaN\""), Case(Bytes.float8(1e21), .float8, .float, "1e+21"),
        Case(Bytes.float8(.leastNonzeroMagnitude), .float8, .float, "5e-324"), Case(Bytes.float4(0.1), .float4, .float, "0.1"),
        Case(Bytes.float4(16_777_216), .float4, .float, "16777216"), Case(Bytes.float4(1e30), .float4, .float, "1e+30"),
        Case(Bytes.float4(-.infinity), .float4, .decimal, "\"-Infinity\""), Case(Bytes.int32(3), .int4, .float, "3"),
        Case(Bytes.text("a\"b\n"), .text, .string, #""a\"b\n""#), Case([], .varchar, .string, "\"\""),
        Case(Bytes.text("é       "), .bpchar, .string, "\"é       \""),
        Case(Bytes.text("citext"), ColumnType(rawValue: 20_000), .string, "\"citext\""),
        Case(Array(0..<16), .uuid, .string, "\"00010203-0405-0607-0809-0a0b0c0d0e0f\""),
        Case(Bytes.text("{\"a\": [1, 2]}"), .json, .json, "{\"a\": [1, 2]}"), Case([1] + Bytes.text("null"), .jsonb, .json, "null"),
        Case([0xFF, 0xFE, 0xFD], .bytea, .bytes, "\"//79\""), Case([], .bytea, .bytes, "\"\""),
        Case(Bytes.int64(0), .timestamp, .dateTime, "\"2000-01-01T00:00:00.000Z\""),
        Case(Bytes.int64(1_999), .timestamptz, .dateTime, "\"2000-01-01T00:00:00.001Z\""),
        Case(Bytes.int32(2_145_031_948), .date, .dateTime, "\"+5874897-12-31T00:00:00.000Z\""),
        Case(Bytes.int32(-10_957), .date, .dateTime, "\"1970-01-01T00:00:00.000Z\""),
        Case(Bytes.int64(45_000_001_000), .time, .dateTime, "\"1970-01-01T12:30:00.001Z\""),
        Case(Bytes.int64(45_000_000_000) + Bytes.int32(-19_800), .timetz, .dateTime, "\"1970-01-01T07:00:00.000Z\""),
        Case(Bytes.int64(86_400_000_000), .time, .dateTime, "\"1970-01-02T00:00:00.000Z\""),
    ]

    static let numerics: [Case] = [
        Case(Bytes.numeric([], weight: 0), .numeric, .decimal, "\"0\""),
        Case(Bytes.numeric([], weight: 0, sign: 0x4000), .numeric, .decimal, "\"0\""),
        Case(Bytes.numeric([1], weight: 0, scale: 2), .numeric, .decimal, "\"1\""),
        Case(Bytes.numeric([12, 3400], weight: 0, sign: 0x4000, scale: 4), .numeric, .decimal, "\"-12.34\""),
        Case(Bytes.numeric([1], weight: 1), .numeric, .decimal, "\"10000\""),
        Case(Bytes.numeric([1, 0, 20], weight: 2), .numeric, .decimal, "\"100000020\""),
        Case(Bytes.numeric([1], weight: -1, scale: 4), .numeric, .decimal, "\"0.0001\""),
        Case(Bytes.numeric([100], weight: -8, sign: 0x4000, scale: 30), .numeric, .decimal, "\"-0.000000000000000000000000000001\""),
        Case(Bytes.numeric([1, 5001], weight: 0, scale: 5), .numeric, .decimal, "\"1.5001\""),
        Case(Bytes.numeric([], weight: 0, sign: 0xC000), .numeric, .decimal, "\"NaN\""),
        Case(Bytes.numeric([], weight: 0, sign: 0xD000), .numeric, .decimal, "\"Infinity\""),
        Case(Bytes.numeric([], weight: 0, sign: 0xF000), .numeric, .decimal, "\"-Infinity\""),
        Case(Bytes.numeric([1, 3333, 3333, 3333, 3333], weight: 0, scale: 16), .numeric, .float, "1.3333333333333333"),
        Case(Bytes.numeric([42], weight: 0), .numeric, .integer, "42"),
        Case(Bytes.numeric([42, 0], weight: 0, scale: 2), .numeric, .integer, "42"),
        Case(Bytes.numeric([922, 3372, 368, 5477, 5808], weight: 4), .numeric, .bigInt, "\"9223372036854775808\""),
        Case(Bytes.int64(-5), .int8, .decimal, "\"-5\""), Case(Bytes.float8(1.5), .float8, .decimal, "\"1.5\""),
    ]

    static let exact: [Case] = [
        Case(Bytes.numeric([1, 1000], weight: 0, scale: 2), .numeric, .automatic, isPrecise: true, "\"1.10\""),
        Case(Bytes.numeric([1, 1000], weight: 0, scale: 2), .numeric, .decimal, isPrecise: true, "\"1.1\""),
        Case(Bytes.numeric([1, 1000], weight: 0, scale: 2), .numeric, .automatic, "\"1.1\""),
        Case(Bytes.numeric([], weight: 0, scale: 3), .numeric, .typed(elements: nil), isPrecise: true, "\"0.000\""),
        Case(Bytes.numeric([5], weight: 0, sign: 0x4000, scale: 6), .numeric, .automatic, isPrecise: true, "\"-5.000000\""),
        Case(Bytes.numeric([100], weight: -2, scale: 9), .numeric, .automatic, isPrecise: true, "\"0.000001000\""),
        Case(Bytes.numeric([1], weight: 1), .numeric, .automatic, isPrecise: true, "\"10000\""),
        Case(Bytes.numeric([], weight: 0, sign: 0xC000), .numeric, .automatic, isPrecise: true, "\"NaN\""),
        Case(
            Bytes.array(.numeric, sizes: [1], [Bytes.numeric([2, 5000], weight: 0, scale: 3)]), ColumnType(rawValue: 1231), .automatic, isPrecise: true,
            "[\"2.500\"]"),
        Case(Bytes.float8(-0.0), .float8, .float, isPrecise: true, "-0.0"), Case(Bytes.float8(0.0), .float8, .float, isPrecise: true, "0"),
        Case(Bytes.float4(-0.0), .float4, .automatic, isPrecise: true, "-0.0"), Case(Bytes.float4(-0.0), .float4, .automatic, "0"),
    ]

    @Test(arguments: exact) func `a precise answer has the zeros that the column shows`(example: Case) throws {
        #expect(try written(example.cell, example.type, example.form) == example.json)
    }

    static let arrays: [Case] = [
        Case(Bytes.array(.int4, sizes: [], []), ColumnType(rawValue: 1007), .integer, isList: true, "[]"),
        Case(nil, ColumnType(rawValue: 1007), .integer, isList: true, "[]"),
        Case(nil, ColumnType(rawValue: 1007), .automatic, "null"),
        Case(Bytes.array(.int4, sizes: [3], [Bytes.int32(1), nil, Bytes.int32(3)]), ColumnType(rawValue: 1007), .integer, isList: true, "[1,null,3]"),
        Case(Bytes.array(.text, sizes: [2], [Bytes.text("a,b"), Bytes.text("")]), ColumnType(rawValue: 1009), .string, isList: true, #"["a,b",""]"#),
        Case(Bytes.array(.int4, sizes: [2, 2], (1...4).map { Bytes.int32($0) }), ColumnType(rawValue: 1007), .integer, isList: true, "[[1,2],[3,4]]"),
        Case(Bytes.array(.int4, sizes: [2, 1, 2], (1...4).map { Bytes.int32($0) }), ColumnType(rawValue: 1007), .automatic, "[[[1,2]],[[3,4]]]"),
        Case(Bytes.array(.int8, sizes: [1], [Bytes.int64(5)]), ColumnType(rawValue: 1016), .automatic, "[\"5\"]"),
        Case(Bytes.array(.jsonb, sizes: [1], [[1] + Bytes.text("{}")]), ColumnType(rawValue: 3807), .json, isList: true, "[{}]"),
    ]

    @Test(arguments: scalars) func `a scalar is written by its form`(example: Case) throws {
        #expect(try written(example.cell, example.type, example.form) == example.json)
    }

    @Test(arguments: numerics) func `a numeric keeps every digit and no idle zero`(example: Case) throws {
        #expect(try written(example.cell, example.type, example.form) == example.json)
    }

    @Test(arguments: arrays) func `an array is written with its dimensions and NULLs`(example: Case) throws {
        #expect(try written(example.cell, example.type, example.form) == example.json)
    }

    @Test func `an enum's label is written under its name in the schema`() throws {
        let color = ValueForm.Kind.enumeration(EnumLabels([("RED", "RED"), ("green-ish", "GREEN")]))
        let type = ColumnType(rawValue: 16_500)
        #expect(try written(Bytes.text("green-ish"), type, ValueForm(color)) == "\"GREEN\"")
        let list = Bytes.array(type, sizes: [2], [Bytes.text("RED"), Bytes.text("green-ish")])
        #expect(try written(list, ColumnType(rawValue: 16_501), ValueForm(color, isList: true)) == #"["RED","GREEN"]"#)
        #expect(throws: Failure.self) { try written(Bytes.text("blue"), type, ValueForm(color)) }
    }

    @Test func `a type that does not fit the form is P2023, and names the column`() {
        let pairs: [(ColumnType, ValueForm.Kind)] = [
            (.text, .integer), (.int4, .boolean), (.bool, .string), (.int4, .json), (.jsonb, .bytes), (.float8, .integer),
        ]
        for (type, kind) in pairs {
            #expect {
                try written(Bytes.int32(1), type, ValueForm(kind))
            } throws: { ($0 as? Failure)?.code == "P2023" && ($0 as? Failure)?.message.contains("`c`") == true }
        }
    }

    @Test func `a fraction is no integer, and infinity is no time`() {
        #expect(throws: Failure.self) { try written(Bytes.numeric([1, 5000], weight: 0), .numeric, ValueForm(.integer)) }
        #expect(throws: Failure.self) { try written(Bytes.int64(.max), .timestamp, ValueForm(.dateTime)) }
        #expect(throws: Failure.self) { try written(Bytes.int32(Int(Int32.min)), .date, ValueForm(.dateTime)) }
        for form in [ValueForm(.float), ValueForm(.automatic)] {
            #expect(throws: Failure.self) { try written(Bytes.float8(.nan), .float8, form) }
            #expect(throws: Failure.self) { try written(Bytes.float4(.infinity), .float4, form) }
        }
        #expect(throws: Failure.self) { try written(Bytes.numeric([], weight: 0, sign: 0xC000), .numeric, ValueForm(.float)) }
    }

    @Test func `no bytes trap any decoder: cut, longer and random ones end in an answer or P2023`() throws {
        var random = SplitMix(seed: 20_260_102)
        for example in CellDecoderTests.scalars + CellDecoderTests.numerics + CellDecoderTests.arrays {
            guard let cell = example.cell else { continue }
            var variants = (0...cell.count).map { Array(cell[..<$0]) } + [cell + [0]]
            for _ in 0..<60 {
                var mutated = cell
                for _ in 0...random.below(3) where !mutated.isEmpty { mutated[random.below(mutated.count)] = UInt8(random.below(256)) }
                variants.append(mutated)
            }
            for variant in variants {
                do {
                    _ = try written(variant, example.type, example.form)
                } catch let failure as Failure {
                    #expect(failure.code == "P2023")
                }
            }
        }
    }
}

/// A generator whose sequence a seed decides.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
