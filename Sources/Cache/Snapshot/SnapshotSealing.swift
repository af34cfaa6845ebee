/// Keeps the blocks of a snapshot from those who have no key. Any thread.
package protocol SnapshotSealing: Sendable {
    /// Bytes that a sealed block has more.
    var overheadBytes: Int { get }
    /// Writes `overheadBytes` more than the text has. `unseal` needs the same `bound`.
    func seal(_ text: UnsafeRawBufferPointer, bound: [UInt8], into sealed: UnsafeMutableRawPointer)
    /// Writes `overheadBytes` fewer. False where this key did not seal it together with `bound`.
    func unseal(_ sealed: UnsafeRawBufferPointer, bound: [UInt8], into text: UnsafeMutableRawPointer) -> Bool
}
