import Testing

@testable import Text

/// What `body` writes.
private func written(_ body: (inout ByteBuffer) -> Void) -> String {
    var buffer = ByteBuffer(capacity: 16)
    body(&buffer)
    return buffer.string()
}

/// Runs `body` over the bytes of a text.
private func over<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    Array(text.utf8).withUnsafeBytes { body($0) }
}

@Suite("Moments in time")
struct TimestampTests {
    /// Parsed and written as a timestamp; nil when it is none.
    func rewritten(_ text: String, as form: Timestamp.Form = .timestamp) -> String? {
        over(text) { Timestamp.parse($0) }.map { moment in written { Timestamp.write(moment, as: form, into: &$0) } }
    }

    @Test(
        "RFC 3339 is read, in any offset, and written in UTC",
        arguments: [
            ("2000-01-01T00:00:00Z", "2000-01-01 00:00:00.000000+00"), ("1999-12-31T23:59:59.9999999Z", "1999-12-31 23:59:59.999999+00"),
            ("2024-02-29t12:34:56.789+01:30", "2024-02-29 11:04:56.789000+00"), ("2024-03-01 00:00:00-00:00", "2024-03-01 00:00:00.000000+00"),
            ("0001-01-01T00:00:00+01:00", "0001-12-31 23:00:00.000000+00 BC"), ("-000001-06-15T00:00:00.000Z", "0002-06-15 00:00:00.000000+00 BC"),
            ("+275760-09-13T00:00:00.000Z", "275760-09-13 00:00:00.000000+00"), ("2016-12-31T23:59:60Z", "2017-01-01 00:00:00.000000+00"),
            ("-290000-01-01T00:00:00Z", "290001-01-01 00:00:00.000000+00 BC"),
            ("+012345-01-01T00:00:00Z", "12345-01-01 00:00:00.000000+00"), ("2024-01-01T00:00:00+0530", "2023-12-31 18:30:00.000000+00"),
        ])
    func reads(pair: (String, String)) {
        #expect(rewritten(pair.0) == pair.1)
    }

    @Test(
        "What names no moment is refused",
        arguments: [
            "", "2024-01-01", "2024-01-01T00:00:00", "2024-13-01T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-01-32T00:00:00Z",
            "2024-00-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z", "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00Zx", "2024-01-01T00:00:00+24:00", "2024-1-1T00:00:00Z", "+294277-01-01T00:00:00Z", "12345-01-01T00:00:00Z",
            "2024-01-01T00:00:00+", "now", "-294276-01-01T00:00:00Z", "-290400-01-01T00:00:00Z",
        ])
    func refuses(text: String) {
        #expect(rewritten(text) == nil)
    }

    @Test("A date and a time keep their part")
    func parts() {
        #expect(rewritten("2024-02-29T12:34:56.789Z", as: .date) == "2024-02-29")
        #expect(rewritten("1970-01-01T12:34:56.789Z", as: .time) == "12:34:56.789000")
        #expect(rewritten("1970-01-01T12:34:56.789+01:00", as: .timetz) == "11:34:56.789000+00")
    }
}

@Suite("Decimal numbers")
struct DecimalTests {
    func canonical(_ text: String) -> String? {
        var buffer = ByteBuffer(capacity: 16)
        return over(text) { Decimal.write(canonical: $0, into: &buffer) } ? buffer.string() : nil
    }

    @Test(
        "Equal numbers have one text",
        arguments: [
            ("1.50", "1.5"), ("15e-1", "1.5"), ("+1.5", "1.5"), ("-0", "0"), ("0.000", "0"), ("0e99999", "0"), ("1e2", "100"), ("100", "100"),
            ("00100.0", "100"),
            ("-0.0010", "-0.001"), (".5", "0.5"), ("5.", "5"), ("1.2e3", "1200"), ("12345678901234567890.10", "12345678901234567890.1"), ("1E-3", "0.001"),
            ("10.01e1", "100.1"), ("1e5000", "1e5000"), ("10e4999", "1e5000"), ("-25e-5001", "-25e-5001"),
        ])
    func equal(pair: (String, String)) {
        #expect(canonical(pair.0) == pair.1)
    }

    @Test("What is no number is refused", arguments: ["", "-", ".", "1.2.3", "e5", "1e", "1e+", "1e1.5", "0x10", "NaN", "1 ", " 1", "1e1000000", "1,5"])
    func refuses(text: String) {
        #expect(canonical(text) == nil)
    }

    @Test("A fraction is told from a whole number")
    func whole() {
        for (text, isWhole) in [("1e2", true), ("1.0", true), ("1.5", false), ("1e-1", false), ("10e-1", true), ("0.0", true)] {
            #expect(over(text) { Decimal.isWhole($0) } == isWhole, "\(text)")
        }
        #expect(over("x") { Decimal.isWhole($0) } == nil)
    }
}

@Suite("Base64, read")
struct Base64Tests {
    func hex(_ text: String) -> String? {
        var buffer = ByteBuffer(capacity: 16)
        return over(text) { Base64.write(hexOf: $0, into: &buffer) } ? buffer.string() : nil
    }

    @Test("Padding may be there or not")
    func reads() {
        for (text, expected) in [("", ""), ("AA==", "00"), ("AA", "00"), ("AAE=", "0001"), ("AAE", "0001"), ("aGVsbG8=", "68656c6c6f"), ("+/+/", "fbffbf")] {
            #expect(hex(text) == expected, "\(text)")
        }
    }

    @Test(
        "Other bytes, wrong lengths and wrong padding are refused",
        arguments: ["A", "AAAAA", "AA=", "AAA==", "A===", "====", "AA==AA==", "-_-_", "AA A", "AA=A"])
    func refuses(text: String) {
        #expect(hex(text) == nil)
    }

    @Test("Reading undoes writing")
    func roundTrip() {
        let bytes = (0..<257).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        for count in 0..<bytes.count {
            let source = Array(bytes[..<count])
            let text = written { buffer in source.withUnsafeBytes { buffer.append(base64: $0) } }
            let expected = written { buffer in for byte in source { buffer.append(hex: byte) } }
            #expect(hex(text) == expected)
        }
    }
}
