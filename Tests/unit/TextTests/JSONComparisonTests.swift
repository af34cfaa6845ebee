import Testing
import Text

@Suite("The JSON scanner against a second reader") struct JSONComparisonTests {
    /// Both readers say the same: the same tree, or both no.
    private func compare(_ bytes: [UInt8], _ location: SourceLocation = #_sourceLocation) -> Bool {
        let expected = JSONReference.read(bytes)
        let found = (try? JSONDocument(scanning: bytes)).map { JSONTree($0.root) }
        if found != expected {
            Issue.record(
                "\(String(decoding: bytes, as: UTF8.self).debugDescription): \(String(describing: found)), expected \(String(describing: expected))",
                sourceLocation: location)
        }
        return expected != nil
    }

    @Test(
        "texts that are JSON",
        arguments: [
            // Structures.
            "[[]   ]", "[\"\"]", "[]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]",
            "[1,null,null,null,2]", "[2] ",
            "{\"\":0}", "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}", "{\"foo\\u0000bar\": 42}",
            "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }", "{\n\"a\": \"b\"\n}",
            "{\"a\":{\"a\":{\"a\":[]}}}", "{\"a\":[],\"b\":{}}", "[{},[],{\"x\":[{}]}]", "\t\r\n {}\r\n",
            // Numbers.
            "[123e65]", "[0e+1]", "[0e1]", "[ 4]",
            "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]", "[20e1]", "[-0]",
            "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]", "[1e+2]", "[123]",
            "[123.456789]", "[1e400]", "[-1e-400]",
            "[100000000000000000000000000000000]", "[0.5]", "-0.0e-0",
            // Strings.
            "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
            "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\\u0000\"]",
            "[\"\\\"\"]", "[\"a/*b*/c/*d//e\"]", "[\"\\\\a\"]", "[\"\\\\n\"]", "[\"\\u0012\"]", "[\"\\uFFFF\"]",
            "[\"\u{FFFF}\"]", "[\"\u{10FFFF}\"]", "[\"asd\"]",
            "[ \"asd\"]", "[\"\\uDBFF\\uDFFF\"]", "[\"new\\u00A0line\"]", "[\"\u{7F}\"]", "[\"\u{2028}\u{2029}\"]",
            "[\"€𝄞\"]", "[\"\\u0000\"]", "[\"\\u002c\"]",
            "[\"π\"]", "[\"a\u{0301}\"]", "{\"\u{E9}\":1,\"e\u{301}\":2}", "\"\\u200B\\u2064\\uFEFF\\uFDD0\\uFFFE\"",
            "\" \"", "\"\\/\"",
            // Alone.
            "false", "42", "-0.1", "null", "\"asd\"", "true", "\"\"",
        ])
    func valid(text: String) {
        #expect(compare(Array(text.utf8)))
    }

    @Test(
        "texts that are none",
        arguments: [
            // Structures.
            "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[\"x\"", "[x",
            "[3[4]]", "[1:2]", "[,]", "[-]", "[   , \"\"]",
            "[\"a\",\n4\n,1,", "[1,]", "[\"\u{0B}a\"\\f]", "[*]", "[\"\"", "[1,", "[1,\n1\n,1", "[{}", "]", "{]", "[}",
            "{\"a\":1]", "[1}", "{\"x\", null}",
            "{\"x\"::\"b\"}", "{🇨🇭}", "{\"a\":\"a\" 123}", "{key: 'value'}", "{\"a\" b}", "{:\"b\"}", "{\"a\" \"b\"}",
            "{\"a\":", "{\"a\"", "{1:1}", "{9999E9999:1}",
            "{null:null,null:null}", "{\"id\":0,,,,,}", "{'a':0}", "{\"id\":0,}", "{\"a\":\"b\"}/**/",
            "{\"a\":\"b\"}//", "{\"a\":\"b\",,\"c\":\"d\"}", "{a: \"b\"}",
            "{\"a\":\"a", "{ \"foo\" : \"bar\", \"a\" }", "{\"a\":\"b\"}#", "{", "{}}", "{\"\":", "{,",
            "{\"a\":/*c*/\"b\"}", "{\"a\": true} \"x\"", "[1]x", "[][]", "1,2",
            "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "[{\"b\":{\"a\":1,\"a\":1}}]",
            // Numbers.
            "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]", "[-NaN]", "[.-1]", "[.2e-3]", "[0.1.2]",
            "[0.3e+]", "[0.3e]", "[0.e1]", "[0E+]", "[0E]", "[0e+]",
            "[0e]", "[1.0e+]", "[1.0e-]", "[1.0e]", "[1 000.0]", "[1eE2]", "[2.e+3]", "[2.e-3]", "[9.e+]", "[Inf]",
            "[NaN]", "[１]", "[1+2]", "[0x1]", "[0x42]",
            "[Infinity]", "[0e+-1]", "[-123.123foo]", "[123", "[1e1", "[-Infinity]", "[-foo]", "[- 1]", "[-012]",
            "[-.123]", "[-1x]", "[1ea]", "[1.]", "[.123]", "[1.2a-3]",
            "[1.8011670033376514H-308]", "[012]", "-", "1e", "00",
            // Words.
            "[nul]", "[tru]", "[fals]", "[True]", "nulls", "truetrue", "[NULL]", "t", "[true", "asd",
            // Strings.
            "[\"\\uD800\\u\"]", "[\"\\uD800\\u1\"]", "[\"\\uD800\\u1x\"]", "[\"\\uD800\"]", "[\"\\uDFAA\"]",
            "[\"\\uDC00\\uD800\"]", "[\"\\uD800\\uD800\\uDC00\"]",
            "[\"\\x00\"]", "[\"\\\\\\\"]", "[\"\\\t\"]", "[\"\\🌀\"]", "[\"\\\"]", "[\"\\u00A\"]", "[\"\\uD834\\uDd\"]",
            "[\"\\uD800\\uD800\\x\"]", "[\"\\a\"]", "[\"\\uqqqq\"]",
            "[\\u0020\"asd\"]", "[\\n]", "\"", "['single quote']", "abc", "[\"\\", "[\"a\u{0}a\"]", "[\"new\nline\"]",
            "[\"\t\"]", "\"\\UA66D\"", "[\"asd]", "[\"\\u00g0\"]",
            "[\"\\u 123\"]", "[\"\\u+123\"]", "\"\\u12", "[\"\u{1F}\"]",
            // Blanks and the like.
            "", " ", "[\u{0C}]", "[\u{2060}]", "\u{FEFF}[]", "[\u{A0}1]", "\u{0}", "[1\u{0}]", "[]\u{0}", "<.>",
            "[<null>]", "/**/", "*", "ÿ", "\u{85}[]",
        ])
    func invalid(text: String) {
        #expect(!compare(Array(text.utf8)))
    }

    @Test("texts made at random mean the same to both", arguments: 0..<4)
    func generated(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        var accepted = 0
        for _ in 0..<250 where compare(JSONText.make(&random)) { accepted += 1 }
        // Some hold a key twice.
        #expect(accepted > 150)
    }

    @Test("the same with bytes changed, dropped, doubled and exchanged", arguments: 0..<4)
    func mutated(seed: Int) {
        var random = SplitMix(state: UInt64(100 + seed))
        var refused = 0
        for _ in 0..<1000 {
            var bytes = JSONText.make(&random)
            for _ in 0...Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
                let at = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(bytes[Int.random(in: bytes.indices, using: &random)], at: at)
                case 3: bytes.swapAt(at, Int.random(in: bytes.indices, using: &random))
                default: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            if !compare(bytes) { refused += 1 }
        }
        #expect(refused > 100 && refused < 1000)
    }
}

/// JSON texts made at random: every kind of value, odd blanks, all ways to write a character.
private enum JSONText {
    static func make(_ random: inout SplitMix) -> [UInt8] {
        var text = ""
        write(&text, depth: 0, &random)
        blanks(&text, &random)
        return Array(text.utf8)
    }

    private static func blanks(_ text: inout String, _ random: inout SplitMix) {
        while Int.random(in: 0..<5, using: &random) == 0 {
            text += [" ", "\t", "\n", "\r", "\r\n"].randomElement(using: &random)!
        }
    }

    private static func write(_ text: inout String, depth: Int, _ random: inout SplitMix) {
        blanks(&text, &random)
        switch Int.random(in: 0..<(depth < 5 ? 9 : 6), using: &random) {
        case 0: text += ["null", "true", "false"].randomElement(using: &random)!
        case 1, 2:
            text += ["0", "-0", "12", "-7.50", "1e5", "2E-3", "0.1e+9", "123456789012345678901234567890"].randomElement(
                using: &random)!
        case 3, 4, 5: string(&text, &random)
        case 6: list(&text, "[", "]", depth, &random) { write(&$0, depth: depth + 1, &$1) }
        default:
            list(&text, "{", "}", depth, &random) { text, random in
                blanks(&text, &random)
                string(&text, &random)
                blanks(&text, &random)
                text += ":"
                write(&text, depth: depth + 1, &random)
            }
        }
    }

    private static func list(
        _ text: inout String, _ open: String, _ close: String, _ depth: Int, _ random: inout SplitMix,
        _ element: (inout String, inout SplitMix) -> Void
    ) {
        text += open
        for position in 0..<Int.random(in: 0...4, using: &random) {
            if position > 0 { text += "," }
            element(&text, &random)
            blanks(&text, &random)
        }
        text += close
    }

    private static func string(_ text: inout String, _ random: inout SplitMix) {
        let pieces = [
            "a", "b", "key", "\\u00e9", "é", "\\n", "\\\"", "\\\\", "\\/", "😀", "\\ud83d\\uDE00", "\\u0000", "\u{7F}",
            "\u{FFFF}", " ", "\\t", "€", "\\u20AC",
            "0123456789abcdef",
        ]
        text += "\""
        for _ in 0..<Int.random(in: 0...5, using: &random) { text += pieces.randomElement(using: &random)! }
        text += "\""
    }
}
