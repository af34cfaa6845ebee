import Testing
import Text

@testable import Engine

@Suite("Request ids") struct RequestIDTests {
    private func text(_ uuid: UUIDv7) -> String {
        var buffer = ByteBuffer()
        buffer.append(uuid)
        return buffer.string()
    }

    @Test func `no two calls share one`() {
        var seen: Set<String> = []
        for cell in [0x7F00_0000_0000, 0x7F00_0000_0080, 0x5500_0000_1000] as [UInt64] {
            for use in [0, 1, 2, 4095, 4096, 4097, 1 << 20, 1 << 32] as [UInt64] {
                #expect(seen.insert(text(RequestID.uuid(cell: cell, use: use))).inserted)
            }
        }
        for _ in 0..<1000 { #expect(seen.insert(text(RequestID.fresh())).inserted) }
    }

    @Test func `they are UUIDs of version 7`() {
        let parts = text(RequestID.uuid(cell: 0x7F00_0000_0000, use: 77)).split(separator: "-")
        #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
        #expect(parts[2].first == "7")
        #expect(parts[3].first.map { "89ab".contains($0) } == true)
    }
}
