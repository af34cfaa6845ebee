import Testing

@testable import Text

@Suite("traceparent")
struct TraceParentTests {
    private func read(_ text: String) -> String? {
        var text = text
        guard let parent = text.withUTF8({ TraceParent(UnsafeRawBufferPointer($0)) }) else { return nil }
        var buffer = ByteBuffer()
        parent.write(into: &buffer)
        return buffer.string()
    }

    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00f067aa0ba902b7"

    @Test("Version 00 is passed on as it is", arguments: ["00", "01", "03", "ff"])
    func version00(flags: String) {
        let text = "00-\(Self.trace)-\(Self.parent)-\(flags)"
        #expect(read(text) == text)
    }

    @Test("Of a later version what 00 has is passed on, and of its flags that the trace is sampled")
    func laterVersions() {
        #expect(read("01-\(Self.trace)-\(Self.parent)-01") == "00-\(Self.trace)-\(Self.parent)-01")
        #expect(read("cc-\(Self.trace)-\(Self.parent)-fe-what-the-future-brings") == "00-\(Self.trace)-\(Self.parent)-00")
        #expect(read("cc-\(Self.trace)-\(Self.parent)-01.x") == nil)
        #expect(read("cc-\(Self.trace)-\(Self.parent)-010") == nil)
    }

    @Test(
        "What is none is refused",
        arguments: [
            "", "00", "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-0", "00-\(trace)-\(parent)-01-", "00-\(trace)-\(parent)-01-x",
            "ff-\(trace)-\(parent)-01", "00-\(trace.uppercased())-\(parent)-01", "00-\(trace)-\(parent)-0G", "0g-\(trace)-\(parent)-01",
            "00-00000000000000000000000000000000-\(parent)-01", "00-\(trace)-0000000000000000-01", " 00-\(trace)-\(parent)-01",
            "00_\(trace)-\(parent)-01", "00-\(trace)-\(parent)_01", "00-\(trace)-00f067aa0ba902b'-01", "00-\(trace)-\(parent)-é",
        ])
    func refused(text: String) {
        #expect(read(text) == nil)
    }

    @Test("Only the sampled bit makes a trace sampled")
    func sampled() {
        for (flags, isSampled) in [("00", false), ("01", true), ("02", false), ("03", true), ("fe", false)] {
            var text = "00-\(Self.trace)-\(Self.parent)-\(flags)"
            let parent = text.withUTF8 { TraceParent(UnsafeRawBufferPointer($0)) }
            #expect(parent?.isSampled == isSampled)
        }
    }

    @Test("Whatever is read, what is written is hexadecimal digits and dashes")
    func harmless() {
        var random = SystemRandomNumberGenerator()
        let likely = Array("0123456789abcdefABCDEF-'*/\\\u{0}".utf8)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = Array("00-\(Self.trace)-\(Self.parent)-01".utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let byte = Bool.random(using: &random) ? likely.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = byte
            }
            guard let parent = bytes.withUnsafeBytes({ TraceParent($0) }) else { continue }
            accepted += 1
            var buffer = ByteBuffer()
            parent.write(into: &buffer)
            #expect(buffer.count == 55)
            #expect(buffer.bytes.allSatisfy { Array("0123456789abcdef-".utf8).contains($0) })
        }
        #expect(accepted > 100)
    }
}
