import Testing
import Text

@Suite("JSON scanner") struct JSONScannerTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "1.5e-3", "\"\"", "[]", "{}", " [ 1 , 2 ] ", "{\"a\":{\"b\":[1,{}]}}",
        "\"\\u0041\\n\\\"\\/\"", "\"\\ud83d\\ude00\"", "\"é€😀\"", "1E+2", "[[[[]]]]", "\u{20}\t\r\n1",
    ])
    func `accepts what RFC8259 allows`(text: String) throws {
        _ = try JSONDocument(scanning: text)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "+1", "01", "1.", ".5", "1e", "1e+", "-", "- 1", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]",
        "{", "}", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{1:2}", "{\"a\":1 \"b\":2}", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"",
        "\"\\u12g4\"", "\"\n\"", "\"\u{0}\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "1 2", "{} {}", "/**/1", "'a'", "NaN",
        "Infinity", "0x10", "\u{FEFF}1", "[1}", "{\"a\":1]",
    ])
    func `refuses everything else`(text: String) {
        #expect(throws: Failure.self) { _ = try JSONDocument(scanning: text) }
    }

    @Test(
        arguments: [
            [0x22, 0xC3, 0x22], [0x22, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF0, 0x80, 0x80, 0x80, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x22, 0xFF, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0x22, 0xE2, 0x82], [0x22, 0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func `refuses invalid UTF8`(bytes: [UInt8]) {
        #expect(throws: Failure.self) { _ = try JSONDocument(scanning: bytes) }
    }

    @Test func `never reads past the size given`() throws {
        // The byte after each prefix would make it valid; only the prefix counts.
        let text = Array("{\"a\":[1,\"x\\u0041\",true]}".utf8)
        for length in 1..<text.count {
            text.withUnsafeBytes { whole in
                let prefix = UnsafeRawBufferPointer(rebasing: whole[..<length])
                #expect(throws: Failure.self) { _ = try JSONDocument(scanning: prefix) }
            }
        }
    }

    @Test func `takes more values than a text of its length is expected to have`() throws {
        for count in [1, 15, 16, 17, 1_000, 100_000] {
            let document = try JSONDocument(scanning: "[" + Array(repeating: "7", count: count).joined(separator: ",") + "]")
            #expect(document.nodes.count == count + 1 && document.nodes[0].count == UInt32(count))
            let last = document.text(of: count)
            #expect(document.nodes[1].kind == .number && Array(last) == [UInt8(ascii: "7")])
        }
    }

    @Test func `refuses the same key twice however it is written`() {
        #expect(throws: Failure.self) { _ = try JSONDocument(scanning: "{\"a\":1,\"a\":2}") }
        #expect(throws: Failure.self) { _ = try JSONDocument(scanning: "{\"a\":1,\"\\u0061\":2}") }
        let many = (0..<50).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(throws: Never.self) { _ = try JSONDocument(scanning: "{\(many)}") }
        #expect(throws: Failure.self) { _ = try JSONDocument(scanning: "{\(many),\"k31\":0}") }
    }

    @Test func `depth is limited and costs no stack`() {
        let limit = TextLimit.jsonDepth
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { _ = try JSONDocument(scanning: nested(limit)) }
        #expect(throws: Failure.self) { _ = try JSONDocument(scanning: nested(limit + 1)) }
        #expect(throws: Failure.self) { _ = try JSONDocument(scanning: String(repeating: "[", count: 1_000_000)) }
        #expect(throws: Failure.self) { _ = try JSONDocument(scanning: String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test func `members come in the order of the text`() throws {
        let document = try JSONDocument(scanning: "{\"b\": [1, {\"x\": null}], \"a\": \"t\\u00e9\", \"c\": {}}")
        #expect(document.root.members.map(\.name) == ["b", "a", "c"])
        #expect(document.root["a"]?.string == "té")
        #expect(document.root["b"]?.elements.map(\.kind) == [.number, .object])
        #expect(document.root["c"]?.count == 0)
        #expect(document.root["d"] == nil)
    }

    @Test(
        arguments: [
            ("60", 60), ("60.0", 60), ("6e1", 60), ("600e-1", 60), ("0.6e2", 60), ("-0", 0), ("-0.0", 0), ("9223372036854775807", Int64.max),
            ("-9223372036854775808", Int64.min), ("1.00000000000000000000000000000000", 1), ("0e999999999999", 0), ("1e18", 1_000_000_000_000_000_000),
        ] as [(String, Int64)])
    func `whole numbers are whole however written`(text: String, value: Int64) throws {
        #expect(try JSONDocument(scanning: text).root.integer == value)
    }

    @Test(arguments: ["1.5", "1e400", "9223372036854775808", "-9223372036854775809", "1e-1", "0.1", "99999999999999999999", "\"1\"", "true"])
    func `other numbers are not whole`(text: String) throws {
        #expect(try JSONDocument(scanning: text).root.integer == nil)
    }

    @Test func `an error names the byte and quotes nothing`() {
        do {
            _ = try JSONDocument(scanning: "{\"password\": secret}")
            Issue.record("was accepted")
        } catch {
            #expect(error.meta.first?.value == .number(13))
            #expect(!error.message.contains("secret"))
        }
    }

    /// Bytes of a valid text changed, dropped and repeated: every outcome is a document or an error.
    @Test func `survives mutations`() {
        let seed = Array("{\"model\":\"User\",\"args\":{\"where\":{\"id\":{\"in\":[1,-2.5e3,null,true]}},\"t\":\"\\ud83d\\ude00é\"}}".utf8)
        var random = SplitMix(state: 7)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0...(random.next() % 3) {
                let at = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: at)
                default: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: at)
                }
            }
            if (try? JSONDocument(scanning: bytes)) != nil { accepted += 1 }
        }
        #expect(accepted > 0 && accepted < 20_000)
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
