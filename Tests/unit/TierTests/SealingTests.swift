import Concurrency
import Testing

@testable import Tier

/// A key that everybody could break: tests what is sealed together with what, not how.
struct ToyKey: Sealing {
    let number: UInt8

    private func sum(_ bytes: some Collection<UInt8>, _ bound: [UInt8]) -> [UInt8] {
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(number)
        for byte in bound + bytes { sum = (sum ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        return withUnsafeBytes(of: sum) { Array($0) }
    }

    func name(_ name: [UInt8]) -> [UInt8] { name.map { $0 ^ number } }

    func seal(_ text: [UInt8], bound: [UInt8]) -> [UInt8] { sum(text, bound) + text.map { $0 ^ number } }

    func unseal(_ sealed: UnsafeRawBufferPointer, bound: [UInt8]) -> [UInt8]? {
        let text = sealed.dropFirst(8).map { $0 ^ number }
        return sealed.count >= 8 && sealed.prefix(8).elementsEqual(sum(text, bound)) ? text : nil
    }
}

struct SealedFormTests {
    private let form = EntryForm(ToyKey(number: 0x5A))
    private let key = Array("{shop}:1:e:0001:name".utf8)
    private let answer = "{\"name\":\"Åsa\"}"

    private func versions(_ byte: UInt8 = 7) throws -> TagVersions { try #require(TagVersions([UInt8](repeating: byte, count: 32), tags: 1)) }

    private func sealed(readAt: Int64 = 1_234_567) throws -> [UInt8] {
        let payload = Array(answer.utf8).withUnsafeBytes { TierEntry.Payload(copying: $0) }
        return form.encoded(TierEntry(kind: .answer, readAt: readAt, lastModified: 5, payload: payload), try versions(), at: key)
    }

    private func read(_ value: [UInt8], _ form: EntryForm? = nil, at key: [UInt8]? = nil, versions: TagVersions? = nil) throws -> TierEntry? {
        let versions = try versions ?? self.versions()
        return value.withUnsafeBytes { (form ?? self.form).entry($0, versions, at: key ?? self.key, limit: .max) }
    }

    @Test func `a process with the key reads a sealed value, and one without sees nothing`() throws {
        let value = try sealed()
        let entry = try #require(try read(value))
        #expect(entry.payload.bytes.elementsEqual(answer.utf8))
        #expect(entry.readAt == 1_234_567 && entry.lastModified == 5)
        #expect(!value.withUnsafeBytes { $0.split(separator: UInt8(ascii: "\"")).contains { $0.elementsEqual("name".utf8) } })
        #expect(try read(value, EntryForm()) == nil, "a process without a key")
        #expect(try read(value, EntryForm(ToyKey(number: 1))) == nil, "one with another key")
        #expect(EntryForm(ToyKey(number: 1)).name([9]) != form.name([9]))
    }

    @Test func `a plain value is not read by a process with a key`() throws {
        let payload = Array(answer.utf8).withUnsafeBytes { TierEntry.Payload(copying: $0) }
        let plain = EntryForm().encoded(TierEntry(kind: .answer, readAt: 1, lastModified: 5, payload: payload), try versions(), at: key)
        #expect(try read(plain, EntryForm()) != nil)
        #expect(try read(plain) == nil)
    }

    @Test func `a sealed value is of no use elsewhere`() throws {
        let value = try sealed()
        #expect(try read(value, at: key + [0]) == nil, "at another key")
        #expect(try read(value, at: Array(key.dropLast())) == nil)
        // Whoever may write can put other versions before it, and another time.
        let other = try versions(8)
        #expect(try read(other.bytes + value.dropFirst(32), versions: other) == nil, "with other versions")
        let later = value.prefix(32) + TierEntry.digits(9_999_999) + value.dropFirst(48)
        #expect(try read(Array(later)) == nil, "with another age")
    }

    @Test func `no cut and no change is read`() throws {
        let value = try sealed()
        for count in 0..<value.count { #expect(try read(Array(value.prefix(count))) == nil, "cut to \(count)") }
        #expect(try read(value + [0]) == nil)
        for place in value.indices {
            var changed = value
            changed[place] ^= 1
            #expect(try read(changed) == nil, "byte \(place)")
        }
    }

    @Test func `a tier of sealed values serves processes with its key alone`() throws {
        let server = MemoryServer(form)
        let session = MemorySession(server)
        let request = FetchRequest(
            name: [UInt8](repeating: 3, count: 32), tags: [1], purpose: .read, freshSince: 0, usefulSince: 0, leaseMilliseconds: 1000)
        let lease = try #require(try session.fetch(request, until: .never).lease)
        let payload = Array(answer.utf8).withUnsafeBytes { TierEntry.Payload(copying: $0) }
        let entry = TierEntry(kind: .answer, readAt: 1, lastModified: 0, payload: payload)
        #expect(try session.store(entry, lease, lifeMilliseconds: 1000, until: .never))
        let found = try #require(try session.fetch(request, until: .never).entry)
        let (bytes, size) = try #require(found.payload.take())
        #expect(UnsafeRawBufferPointer(start: bytes, count: size).elementsEqual(answer.utf8))
        bytes.deallocate()
        // Somebody gives the value to another request.
        var other = request
        other.name = [UInt8](repeating: 4, count: 32)
        try server.withContents { (contents) throws(TierFault) in
            let kept = contents.entries[.init(name: form.name(request.name), epoch: server.epoch)]
            contents.entries[.init(name: form.name(other.name), epoch: server.epoch)] = kept
        }
        #expect(try session.fetch(other, until: .never).entry == nil)
    }
}
