import Testing

@testable import Text

/// The writing sides of times, base64, UUIDs, and the hash.
@Suite struct WritingTests {
    private func written(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        write(&buffer)
        return buffer.string()
    }

    @Test(arguments: [
        (Int64(0), "2000-01-01T00:00:00.000Z"),
        (820_638_245_678_000, "2026-01-02T03:04:05.678Z"),
        (-1, "1999-12-31T23:59:59.999Z"),
        (-1000, "1999-12-31T23:59:59.999Z"),
        (1999, "2000-01-01T00:00:00.001Z"),
        (-946_684_800_000_000, "1970-01-01T00:00:00.000Z"),
        (5_097_600_000_000, "2000-02-29T00:00:00.000Z"),
        (252_455_615_999_999_000, "9999-12-31T23:59:59.999Z"),
        (252_455_616_000_000_000, "+010000-01-01T00:00:00.000Z"),
        (-63_113_904_000_000_000, "0000-01-01T00:00:00.000Z"),
        (-63_113_904_000_001_000, "-000001-12-31T23:59:59.999Z"),
    ])
    func `a timestamp is written as ISO 8601 in UTC, cut to milliseconds`(microseconds: Int64, text: String) {
        #expect(written { $0.append(timestamp: microseconds) } == "\"\(text)\"")
    }

    @Test func `no count of microseconds or days traps`() {
        for value in [Int64.min, .min + 1, .max - 1, .max] {
            #expect(written { $0.append(timestamp: value) }.hasSuffix("Z\""))
        }
        for value in [Int32.min, .max] { #expect(written { $0.append(date: value) }.hasSuffix("T00:00:00.000Z\"")) }
    }

    @Test func `days become dates and back`() {
        var day: Int64 = -4_000_000
        var previous: CivilDate?
        while day < 4_000_000 {
            let date = CivilDate(daysSince2000: day)
            #expect(date.daysSince2000 == day)
            if let previous { #expect(date != previous) }
            previous = date
            day += 997
        }
        #expect(CivilDate(year: 1970, month: 1, day: 1).daysSince2000 == -10_957)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base64 pads as RFC 4648 does`(source: String, text: String) {
        #expect(written { buffer in Array(source.utf8).withUnsafeBytes { buffer.append(base64: $0) } } == text)
    }

    @Test func `a UUID has its hyphens, and fewer than sixteen bytes are nothing`() {
        let bytes: [UInt8] = [0x93, 0x6D, 0xA0, 0x1F, 0x9A, 0xBD, 0x4D, 0x9D, 0x80, 0xC7, 0x02, 0xAF, 0x85, 0xC8, 0x22, 0xA8]
        #expect(written { buffer in bytes.withUnsafeBytes { buffer.append(uuid: $0) } } == "936da01f-9abd-4d9d-80c7-02af85c822a8")
        #expect(written { buffer in bytes.dropLast().withUnsafeBytes { buffer.append(uuid: $0) } } == "")
    }

    @Test func `a UUID of version 7 holds time, sequence, version and variant`() {
        let uuid = UUIDv7(unixMilliseconds: 0x017F_22E2_79B0, sequence: 0xFCC3, random: 0x18C4_DC0C_0C07_398F)
        #expect(written { $0.append(uuid) } == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        let later = UUIDv7(unixMilliseconds: 0x017F_22E2_79B0, sequence: 0x0CC4, random: 0)
        #expect(written { $0.append(uuid) } < written { $0.append(later) })
    }

    private func hex(_ bytes: [UInt8]) -> String {
        written { buffer in for byte in bytes { buffer.append(hex: byte) } }
    }

    @Test func `SHA-256 gives the digests of its standard`() {
        func digest(_ text: String) -> String { hex(Array(text.utf8).withUnsafeBytes { SHA256.hash($0) }) }
        #expect(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            digest(String(repeating: "a", count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `SHA-256 is the same in pieces of any size, and a copy goes its own way`() {
        let text = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let whole = text.withUnsafeBytes { SHA256.hash($0) }
        for size in [1, 3, 63, 64, 65, 128, 299] {
            var hash = SHA256()
            for start in stride(from: 0, to: text.count, by: size) { hash.update(Array(text[start..<min(start + size, text.count)])) }
            let copy = hash
            hash.update([1])
            #expect(copy.finish() == whole)
            #expect(hash.finish() != whole)
        }
    }
}
