import Testing
import Text

/// RFC 8259, production by production: what every reader has to take, what none may, and what is left to the reader, with what this one does.
@Suite("JSON by the grammar") struct JSONSuiteTests {
    /// Whether the scanner takes a text; the second reader of these tests has to agree.
    private func takes(_ bytes: [UInt8]) -> Bool {
        let isTaken = (try? JSONDocument(scanning: bytes)) != nil
        #expect((JSONReference.read(bytes) != nil) == isTaken, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        return isTaken
    }

    private func takes(_ text: String) -> Bool { takes(Array(text.utf8)) }

    // MARK: - What every reader takes

    static let blanks = [" 1", "1 ", "\t1", "\n1", "\r1", "\r\n[\t1 ,\n2\r] ", " { } ", "{ \"a\" : 1 , \"b\" : [ ] }", "  \"x\"  "]
    static let literals = ["null", "true", "false", "[null,true,false]"]
    static let numbers = [
        "0", "-0", "1", "-1", "10", "120", "0.0", "-0.0", "0.5", "10.25", "1e1", "1E1", "1e+1", "1e-1", "1E+01", "1e00", "0e0", "0E+5", "-0e-0", "1.0e10",
        "123456789012345678901234567890", "0.000000000000000000000000000001", "[-1.5e-3]",
    ]
    static let strings = [
        #""""#, #""a""#, #"" ""#, #""/""#, #""\/""#, #""\\""#, #""\"""#, #""\b\f\n\r\t""#, #""\u0041""#, #""\u00e9""#, #""\u00E9""#, #""\u2028""#, #""\uFFFF""#,
        #""\ud83d\ude00""#, #""\uD834\uDD1E""#, #""\u0000""#, #""\\u0041""#, #""\\\"""#, "\"\u{7F}\"", "\"é\"", "\"€\"", "\"😀\"", "\"\u{2028}\"",
        "\"\u{FFFF}\"",
        "\"\u{10FFFF}\"", "\"\u{FEFF}\"", "\"'\"", "\"[}\"", "\"null\"",
    ]
    static let structures = [
        "[]", "{}", "[[]]", "[{}]", "{\"a\":{}}", "[1,\"a\",null,[],{}]", "{\"\":0}", "{\"a\":1,\"b\":2}", "{\"a\":1,\"A\":2}", "{\"\\u0061\":1,\"b\":2}",
        "{\"a b\":1}", "{\"\\n\":1}", "[[[[[[[[[[1]]]]]]]]]]", "{\"a\":{\"b\":{\"c\":[{\"d\":[]}]}}}", "{\"null\":null}",
    ]

    @Test(arguments: blanks + literals + numbers + strings + structures)
    func `is taken`(text: String) {
        #expect(takes(text))
    }

    // MARK: - What none takes

    static let noText = [
        "", " ", "\n", "\t\t", ",", ":", "\\", "/", "//", "#1", "/*1*/1", "1//", "1#", "<1>", "\u{0}", "1\u{0}", "\u{FEFF}1", "\u{A0}1", "\u{B}1", "\u{C}1",
        "\u{2028}1",
    ]
    static let noLiteral = [
        "nul", "nulll", "Null", "NULL", "tru", "truee", "True", "fals", "False", "nil", "undefined", "none", "NaN", "Infinity", "-Infinity", "n", "t", "f",
        "nu ll", "nulltrue", "[nulll]", "[tru]",
    ]
    static let noNumber = [
        "+1", "-", "--1", "-+1", "+-1", "01", "-01", "00", "-00", "012", "0x1", "0X1", "1.", "-1.", ".1", "-.1", "1.e1", ".e1", "1e", "1E", "1e+", "1e-",
        "1ee1", "1e1.0", "1e1e1", "1.2.3", "1..2",
        "1 2", "1 .5", "1. 5", "- 1", "1e 5", "1_000", "1,000", "1f", "1n", "0b1", "0o1", "1a", "1e+-1", "٣", "１", "-a", "$1", "1%", "∞", "[1.]", "[01]", "[-]",
        "[+1]", "[0e]", "{\"a\":.5}",
    ]
    static let noString = [
        "\"", "\"a", "a\"", "a", "'a'", "`a`", "\"a'", #""\""#, #""\"#, #""\x41""#, #""\a""#, #""\v""#, #""\0""#, #""\'""#, #""\U0041""#, #""\u""#, #""\u0""#,
        #""\u00""#, #""\u004""#, #""\u004g""#,
        #""\u 041""#, #""\u+041""#, #""\u-041""#, #""\é""#, "\"\\\n\"", "\"\n\"", "\"\r\"", "\"\t\"", "\"\u{0}\"", "\"\u{1F}\"", #""a" "b""#, #""a""b""#,
        "\"a\"x", #"["a"#, #"["a]"#, #"{"a:1}"#,
    ]
    static let noStructure = [
        "[", "]", "{", "}", "[1", "1]", "[1,", "[,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[\"a\":1]", "[1}", "{1]", "[]]", "[[]", "[1]]",
        "[][]", "[],[]", "{}{}", "{},{}", "[1]2", "(1)",
        "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\":1,,\"b\":2}", "{\"a\":1 \"b\":2}", "{\"a\" 1}", "{\"a\",1}",
        "{\"a\"::1}", "{:1}", "{1:1}", "{a:1}", "{'a':1}", "{null:1}",
        "{[]:1}", "{\"a\":1}}", "{\"a\"=1}", "{\"a\"}", "{\"a\",\"b\"}", "{\"a\":}", "{\"a\":,\"b\":1}", "[{]", "{[}", "[\"a\",\n4\n,1,", "...", "[...]",
    ]

    @Test(arguments: noText + noLiteral + noNumber + noString + noStructure)
    func `is refused`(text: String) {
        #expect(!takes(text))
    }

    @Test(
        arguments: [
            [0xFF], [0x22, 0xFE, 0x22], [0x22, 0x80, 0x22], [0x22, 0xBF, 0x22], [0x22, 0xC1, 0xBF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC3, 0x28, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0x22, 0xE2, 0x28, 0xA1, 0x22],
            [0x22, 0xE0, 0x9F, 0xBF, 0x22], [0x22, 0xED, 0xBF, 0xBF, 0x22], [0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22], [0x22, 0xF0, 0x9F, 0x98, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xF8, 0x88, 0x80, 0x80, 0x80, 0x22],
            [0xEF, 0xBB, 0xBF, 0x31], [0xFE, 0xFF, 0x00, 0x31], [0xFF, 0xFE, 0x31, 0x00], [0x31, 0x00], [0x7B, 0x22, 0xC3, 0x22, 0x3A, 0x31, 0x7D],
        ] as [[UInt8]])
    func `bytes that are not UTF-8, or another encoding, are refused`(bytes: [UInt8]) {
        #expect(!takes(bytes))
    }

    // MARK: - What is left to the reader

    @Test(arguments: [
        "1e400", "-1e400", "1e-400", "1e999999999999", "0.1e-9999", "18446744073709551616", "-9223372036854775809", "0." + String(repeating: "1", count: 5000),
        String(repeating: "9", count: 5000), String(decoding: [0x22, 0xEF, 0xB7, 0x90, 0x22] as [UInt8], as: UTF8.self), #""\uFDD0""#,
        "\"" + String(repeating: "a", count: 100_000) + "\"",
    ])
    func `numbers of any size, long strings and noncharacters are taken`(text: String) {
        #expect(takes(text))
    }

    @Test(arguments: [
        #""\ud800""#, #""\udc00""#, #""\ude00\ud83d""#, #""\ud800\ud800""#, #""\ud800\u0041""#, #""\ud800a""#, #""\ud800\n""#, #"{"\ud800":1}"#,
    ])
    func `halves of a surrogate pair are refused`(text: String) {
        #expect(!takes(text))
    }

    @Test(arguments: ["{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}", "[{\"a\":{\"b\":1,\"c\":2,\"b\":3}}]", "{\"é\":1,\"\\u00e9\":2}"])
    func `a key that is given twice is refused`(text: String) {
        #expect(!takes(text))
    }
}
