import Testing
import Text

@Suite("Byte buffer") struct ByteBufferTests {
    private func written(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer(capacity: 16)
        write(&buffer)
        return buffer.string()
    }

    @Test(arguments: [0, 1, -1, 9, 10, 99, 100, 12345, Int64.max, Int64.min])
    func integers(value: Int64) {
        #expect(written { $0.append(decimal: value) } == "\(value)")
    }

    /// The right column is what JavaScript's `String(x)` prints.
    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1.5e-7, "1.5e-7"),
        (0.000001, "0.000001"), (1.25e-6, "0.00000125"), (123456789.125, "123456789.125"), (Double.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740993.0, "9007199254740992"), (1.2e22, "1.2e+22"), (0.3, "0.3"), (100.5, "100.5"), (1e-7, "1e-7"),
    ])
    func doublesPrintAsJavaScriptDoes(value: Double, text: String) {
        #expect(written { $0.append(number: value) } == text)
    }

    @Test func doublesReadBackAsTheyWere() {
        var random = SplitMix(state: 3)
        for _ in 0..<50_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            #expect(Double(written { $0.append(number: value) }) == value)
        }
    }

    @Test func noNumberIsNull() {
        #expect(written { $0.append(number: .nan) } == "null")
        #expect(written { $0.append(number: -.infinity) } == "null")
    }

    @Test func stringsAreEscapedWhereverTheByteStands() throws {
        for length in 0..<40 {
            for special in ["\"", "\\", "\n", "\u{1}", "\u{1F}", "é", "😀"] {
                let text = String(repeating: "a", count: length) + special + String(repeating: "b", count: 40 - length)
                let json = written { $0.append(jsonString: text) }
                #expect(try JSONDocument(scanning: json).root.string == text)
            }
        }
        #expect(written { $0.append(jsonString: "") } == "\"\"")
        #expect(written { $0.append(jsonString: "\u{8}\t\u{C}\r\u{0}") } == "\"\\b\\t\\f\\r\\u0000\"")
    }

    @Test func growsAndEndsWithANul() {
        var buffer = ByteBuffer(capacity: 1)
        for index in 0..<10_000 { buffer.append(UInt8(truncatingIfNeeded: index)) }
        #expect(buffer.count == 10_000)
        let (start, count) = buffer.take()
        defer { start.deallocate() }
        #expect(start[count] == 0 && start[300] == 44)
    }

    @Test func widthPutsZerosInFront() {
        #expect(written { $0.append(decimal: 7, width: 3) } == "007")
        #expect(written { $0.append(decimal: 2026, width: 4) } == "2026")
    }
}
