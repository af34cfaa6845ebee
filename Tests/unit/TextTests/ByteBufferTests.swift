import Testing
import Text

@Suite("Byte buffer") struct ByteBufferTests {
    private func written(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer(capacity: 16)
        write(&buffer)
        return buffer.string()
    }

    @Test(arguments: [0, 1, -1, 9, 10, 99, 100, 12345, Int64.max, Int64.min])
    func `integers are written in decimal`(value: Int64) {
        #expect(written { $0.append(decimal: value) } == "\(value)")
    }

    /// The right column is what JavaScript's `String(x)` prints.
    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1.5e-7, "1.5e-7"),
        (0.000001, "0.000001"), (1.25e-6, "0.00000125"), (123456789.125, "123456789.125"), (Double.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740993.0, "9007199254740992"), (1.2e22, "1.2e+22"), (0.3, "0.3"), (100.5, "100.5"), (1e-7, "1e-7"),
    ])
    func `doubles print as JavaScript does`(value: Double, text: String) {
        #expect(written { $0.append(number: value) } == text)
    }

    @Test func `doubles read back as they were`() {
        var random = SplitMix(state: 3)
        for _ in 0..<50_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            #expect(Double(written { $0.append(number: value) }) == value)
        }
    }

    @Test func `no number is null`() {
        #expect(written { $0.append(number: .nan) } == "null")
        #expect(written { $0.append(number: -.infinity) } == "null")
    }

    @Test func `strings are escaped wherever the byte stands`() throws {
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

    @Test func `every number of digits is written`() {
        var bound: UInt64 = 1
        for _ in 0..<20 {
            for value in [bound &- 1, bound, bound &+ 1, bound &* 9 &+ 7] { #expect(written { $0.append(decimal: value) } == "\(value)") }
            bound &*= 10
        }
        for value in 0..<11_000 { #expect(written { $0.append(decimal: value) } == "\(value)") }
    }

    /// Every length and every byte, against a search byte by byte.
    @Test func `strings of all lengths are escaped as one by one`() {
        func expected(_ bytes: [UInt8]) -> String {
            var text = "\""
            for byte in bytes {
                switch byte {
                case 0x22: text += "\\\""
                case 0x5C: text += "\\\\"
                case 0x08: text += "\\b"
                case 0x09: text += "\\t"
                case 0x0A: text += "\\n"
                case 0x0C: text += "\\f"
                case 0x0D: text += "\\r"
                case 0..<0x20: text += "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                default: text += String(Unicode.Scalar(byte))
                }
            }
            return text + "\""
        }
        for byte in UInt8(0)..<0x80 {
            for length in [1, 3, 4, 7, 8, 12, 15, 16, 17, 31, 33] {
                for place in Set([0, 1, length / 2, length - 1]) where place < length {
                    var bytes = [UInt8](repeating: 0x21, count: length)
                    bytes[place] = byte
                    #expect(bytes.withUnsafeBytes { bytes in written { $0.append(jsonString: bytes) } } == expected(bytes))
                }
            }
        }
        var random = SplitMix(state: 8)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8(random.next() % 5 == 0 ? random.next() % 0x30 : 0x61) }
            #expect(bytes.withUnsafeBytes { bytes in written { $0.append(jsonString: bytes) } } == expected(bytes))
        }
    }

    @Test func `steps of sixteen append no byte too many`() {
        let source = (0..<96).map { UInt8($0) }
        for count in 0...80 {
            var buffer = ByteBuffer(capacity: 16)
            buffer.append(0xFF)
            source.withUnsafeBufferPointer { if let base = $0.baseAddress { buffer.append(stepwise: base, count: count) } }
            buffer.append(0xFE)
            #expect(Array(buffer.bytes) == [0xFF] + source.prefix(count) + [0xFE])
        }
    }

    @Test func `grows and ends with a nul`() {
        var buffer = ByteBuffer(capacity: 1)
        for index in 0..<10_000 { buffer.append(UInt8(truncatingIfNeeded: index)) }
        #expect(buffer.count == 10_000)
        let (start, count) = buffer.take()
        defer { start.deallocate() }
        #expect(start[count] == 0 && start[300] == 44)
    }

    @Test func `width puts zeros in front`() {
        #expect(written { $0.append(decimal: 7, width: 3) } == "007")
        #expect(written { $0.append(decimal: 2026, width: 4) } == "2026")
    }
}
