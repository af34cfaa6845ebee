import CLinux

/// One answer in the form in which a tier stores it.
///
///     0    versions of its tags, 16 bytes each, that of everything first
///     …    when it was read: microseconds of the tier's clock, 16 decimal digits
///     …    "ACC1" | kind (1) | zero (3) | lastModified (8) | size (8) | checksum (8) | answer
///
/// The tier's own scripts compare the first two parts as texts. The third is the body, which `EntryForm` may seal:
/// "ACS1" | nonce (24) | body, encrypted | tag (16). Numbers are little-endian.
package struct TierEntry {
    package enum Kind: UInt8, Sendable {
        case answer = 1
        /// The answer is too large for the tier. Other processes need not wait for it.
        case oversized = 2
    }

    package let kind: Kind
    /// Microseconds of the tier's clock. What the answer shows was true then or later.
    package let readAt: Int64
    /// Wall clock of the machine that read it, in milliseconds since 1970.
    package let lastModified: Int64
    package let payload: Payload

    package init(kind: Kind, readAt: Int64, lastModified: Int64, payload: Payload) {
        self.kind = kind
        self.readAt = readAt
        self.lastModified = lastModified
        self.payload = payload
    }

    package static let versionBytes = 16
    package static let timeDigits = 16
    static let headerBytes = 32
    private static let mark: [UInt8] = [0x41, 0x43, 0x43, 0x31]  // "ACC1"

    /// Returns the bytes of an entry beside its answer.
    package static func overhead(tags: Int) -> Int { (tags + 1) * versionBytes + timeDigits + headerBytes + EntryForm.sealBytes }

    /// Returns a moment as scripts compare it: a fixed number of decimal digits.
    package static func digits(_ time: Int64) -> [UInt8] {
        let text = Array(String(min(max(time, 0), 9_999_999_999_999_999)).utf8)
        return [UInt8](repeating: 0x30, count: timeDigits - text.count) + text
    }

    package static func time(_ digits: some Collection<UInt8>) -> Int64? {
        guard digits.count == timeDigits else { return nil }
        var time: Int64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            time = time &* 10 &+ Int64(digit &- 0x30)
        }
        return time
    }

    /// The value without versions and time.
    var body: [UInt8] {
        let answer = payload.bytes
        var body: [UInt8] = []
        body.reserveCapacity(TierEntry.headerBytes + answer.count)
        body += TierEntry.mark
        body += [kind.rawValue, 0, 0, 0]
        for number in [UInt64(bitPattern: lastModified), UInt64(answer.count), Checksum.of(answer)] {
            withUnsafeBytes(of: number.littleEndian) { body += $0 }
        }
        body += answer
        return body
    }

    /// Decodes a body. Nil if it is not of this form, was cut off, or was changed.
    init?(body: UnsafeRawBufferPointer, readAt: Int64, limit: Int) {
        guard body.count >= TierEntry.headerBytes, body.starts(with: TierEntry.mark), let kind = Kind(rawValue: body[4]) else { return nil }
        let lastModified = Int64(littleEndian: body.loadUnaligned(fromByteOffset: 8, as: Int64.self))
        let size = UInt64(littleEndian: body.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        let checksum = UInt64(littleEndian: body.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        let answer = UnsafeRawBufferPointer(rebasing: body.dropFirst(TierEntry.headerBytes))
        guard size == UInt64(answer.count), answer.count <= limit, Checksum.of(answer) == checksum else { return nil }
        self.init(kind: kind, readAt: readAt, lastModified: lastModified, payload: Payload(copying: answer))
    }

    /// The bytes of an answer in a block from `malloc`, followed by a NUL.
    package final class Payload {
        private var start: UnsafeMutableRawPointer?
        private let count: Int

        package init(copying bytes: UnsafeRawBufferPointer) {
            count = bytes.count
            guard let block = malloc(bytes.count + 1) else { fatalError("out of memory") }
            if let base = bytes.baseAddress { memcpy(block, base, bytes.count) }
            block.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
            start = block
        }

        deinit { if let start { free(start) } }

        package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count) }

        /// Hands the block over, once. The caller frees it.
        package func take() -> (bytes: UnsafeMutableRawPointer, size: Int)? {
            guard let block = start else { return nil }
            start = nil
            return (block, count)
        }
    }
}

/// The versions of an answer's tags at one moment: 16 bytes for everything, then for each tag in the order of its request.
///
/// The bytes are random and have no meaning. A lost version comes back as another one, so an answer read under the old one is never taken
/// for valid.
package struct TagVersions: Sendable, Equatable {
    package let bytes: [UInt8]

    /// Returns nil if these are not the versions of that many tags.
    package init?(_ bytes: [UInt8], tags: Int) {
        guard bytes.count == (tags + 1) * TierEntry.versionBytes else { return nil }
        self.bytes = bytes
    }
}

/// Distinguishes a damaged value from an intact one: 64 bits, not for secrets.
enum Checksum {
    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var sum = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var place = 0
        while place + 8 <= bytes.count {
            sum = mixed(sum ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            place += 8
        }
        var tail: UInt64 = 0
        while place < bytes.count {
            tail = tail << 8 | UInt64(bytes[place])
            place += 1
        }
        return mixed(sum ^ tail)
    }

    private static func mixed(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: 0xD1B5_4A32_D192_ED03)
        return product.high ^ product.low &+ 0x8CB9_2BA7_2F3D_8DD7
    }
}
