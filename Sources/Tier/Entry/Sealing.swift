/// Keeps what lies in a tier from those who have no key. Any thread.
package protocol Sealing: Sendable {
    /// 32 bytes that only who has the key can make of a name.
    func name(_ name: [UInt8]) -> [UInt8]
    /// Only who has the key reads it, and only together with the same `bound`.
    func seal(_ text: [UInt8], bound: [UInt8]) -> [UInt8]
    /// Nil where this key did not seal it together with `bound`.
    func unseal(_ sealed: UnsafeRawBufferPointer, bound: [UInt8]) -> [UInt8]?
}

/// How entries are written into a tier: plain, or sealed.
///
/// A sealed entry has its versions and its time in plain, for the tier's scripts. The seal covers them, the entry's key, the epoch in that, and
/// the format. So a value is of no use at another place, in another epoch, with other versions or with another age.
package struct EntryForm: Sendable {
    private let sealing: (any Sealing)?
    private static let mark: [UInt8] = [0x41, 0x43, 0x53, 0x31]  // "ACS1"

    package init(_ sealing: (any Sealing)? = nil) { self.sealing = sealing }

    /// Bytes that a sealed value has more: its mark, a nonce and a tag.
    static let sealBytes = 44

    /// The name under which an entry lies in the tier. With a key it tells nothing of what it names, and no other key has the same.
    package func name(_ name: [UInt8]) -> [UInt8] { sealing?.name(name) ?? name }

    /// The value that is stored at `key`.
    package func encoded(_ entry: TierEntry, _ versions: TagVersions, at key: [UInt8]) -> [UInt8] {
        let start = versions.bytes + TierEntry.digits(entry.readAt)
        guard let sealing else { return start + entry.body }
        return start + EntryForm.mark + sealing.seal(entry.body, bound: EntryForm.bound(key, start[...]))
    }

    /// Reads a value back. Nil where it is none of this form, was cut, changed or moved, or was not sealed with this key.
    package func entry(_ value: UnsafeRawBufferPointer, _ versions: TagVersions, at key: [UInt8], limit: Int) -> TierEntry? {
        guard value.starts(with: versions.bytes) else { return nil }
        let startSize = versions.bytes.count + TierEntry.timeDigits
        guard value.count >= startSize, let readAt = TierEntry.time(value[versions.bytes.count..<startSize]) else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: value[startSize...])
        guard let sealing else { return TierEntry(body: rest, readAt: readAt, limit: limit) }
        guard rest.starts(with: EntryForm.mark) else { return nil }
        let sealed = UnsafeRawBufferPointer(rebasing: rest.dropFirst(EntryForm.mark.count))
        guard let body = sealing.unseal(sealed, bound: EntryForm.bound(key, value[..<startSize])) else { return nil }
        return body.withUnsafeBytes { TierEntry(body: $0, readAt: readAt, limit: limit) }
    }

    /// With the key's length, so that no part of it can be taken for what follows.
    private static func bound(_ key: [UInt8], _ start: some Collection<UInt8>) -> [UInt8] {
        withUnsafeBytes(of: UInt64(key.count).littleEndian) { Array($0) } + mark + key + start
    }
}
