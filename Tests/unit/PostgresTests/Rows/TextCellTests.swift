import Testing
import Text

@testable import Postgres

/// Cells in text format, as raw queries get them when a column has no binary decoder.
@Suite struct TextCellTests {
    @Test(arguments: [
        ("t", 16, "true"), ("f", 16, "false"), ("-12", 23, "-12"), ("9007199254740993", 20, "\"9007199254740993\""),
        ("12", 26, "\"12\""), ("0.1", 701, "0.1"), ("1e+21", 701, "1e+21"),
        ("12.3400", 1700, "\"12.34\""), ("100", 1700, "\"100\""), ("5.000", 1700, "\"5\""), ("NaN", 1700, "\"NaN\""),
        ("a\"b", 25, #""a\"b""#), ("10.0.0.5", 869, "\"10.0.0.5\""), ("1 day", 1186, "\"1 day\""), ("{\"a\": 1}", 3802, "{\"a\": 1}"),
        (#"\xfffefd"#, 17, "\"//79\""), ("2024-02-29", 1082, "\"2024-02-29T00:00:00.000Z\""),
        ("2024-02-29 12:34:56.789", 1114, "\"2024-02-29T12:34:56.789Z\""),
        ("2024-02-29 12:34:56.7+05:30", 1184, "\"2024-02-29T07:04:56.700Z\""),
        ("2024-02-29 12:34:56-08", 1184, "\"2024-02-29T20:34:56.000Z\""),
        ("5874897-12-31", 1082, "\"+5874897-12-31T00:00:00.000Z\""), ("0044-03-15 BC", 1082, "\"-000043-03-15T00:00:00.000Z\""),
        ("10000-01-01 00:00:00", 1114, "\"+010000-01-01T00:00:00.000Z\""),
        ("12:30:00.001", 1083, "\"1970-01-01T12:30:00.001Z\""), ("12:30:00+05:30", 1266, "\"1970-01-01T07:00:00.000Z\""),
        ("{1,NULL,3}", 1007, "[1,null,3]"), (#"{"a,b","c\"d",NULL,"NULL"}"#, 1009, #"["a,b","c\"d",null,"NULL"]"#),
        ("{{1,2},{3,4}}", 1007, "[[1,2],[3,4]]"), ("[0:1]={5,6}", 1007, "[5,6]"), ("{}", 1009, "[]"),
        ("{10.0.0.1,NULL}", 1041, #"["10.0.0.1",null]"#), ("{5}", 1016, "[\"5\"]"), ("", 2278, "null"),
    ])
    func `text becomes the same JSON as binary would`(text: String, type: UInt32, json: String) throws {
        #expect(try written(Bytes.text(text), ColumnType(rawValue: type), ValueForm(.automatic), isBinary: false) == json)
    }

    @Test(arguments: [
        ("12.3400", 1700, "\"12.3400\""), ("0.00", 1700, "\"0.00\""), ("{1.10,NULL}", 1231, #"["1.10",null]"#), ("-0", 701, "-0.0"),
        ("{-0,0}", 1022, "[-0.0,0]"), ("NaN", 701, "\"NaN\""),
    ])
    func `a precise answer has the zeros that the column shows`(text: String, type: UInt32, json: String) throws {
        #expect(try written(Bytes.text(text), ColumnType(rawValue: type), ValueForm(.automatic, isPrecise: true), isBinary: false) == json)
    }

    @Test(arguments: [
        ("infinity", 1114), ("2024", 1114), ("2024-13-01", 1082), ("12:3", 1083), ("2024-01-01 00:00:00", 1184), ("x", 701),
        ("{1,2", 1007), ("{\"a", 1009), ("{1}}", 1007), ("1", 1007), (#"\x1"#, 17), (#"\xzz"#, 17), ("{\"a\\", 1009),
        ("NaN", 701), ("-Infinity", 700), ("", 23), ("-", 23), ("1x", 23), ("01", 21), ("", 3802), ("{,}", 1007), ("{1,}", 1007), ("{{1}{2}}", 1007),
        ("{}1", 1007), ("{1{2}}", 1007),
        ("{{{{{{{1}}}}}}}", 1007),
    ])
    func `text that is none of its type is P2023`(text: String, type: UInt32) {
        #expect {
            try written(Bytes.text(text), ColumnType(rawValue: type), ValueForm(.automatic), isBinary: false)
        } throws: { ($0 as? Failure)?.code == "P2023" }
    }

    @Test(arguments: [ValueForm.Kind.integer, .string, .json, .float, .dateTime, .bytes, .boolean])
    func `text where a plan reads binary is P2023`(kind: ValueForm.Kind) {
        #expect {
            try written(Bytes.text("1"), .json, ValueForm(kind), isBinary: false)
        } throws: { ($0 as? Failure)?.code == "P2023" }
    }
}
