import CLinux

/// A JSON text, scanned once into a flat list of nodes; nothing in it is recursive.
///
/// It owns a copy of the text, in which strings are unescaped in place. Every string and number is then a run of bytes. A document is
/// immutable, so any thread may read it. Scanning costs about a nanosecond a byte and three allocations.
package final class JSONDocument: @unchecked Sendable {  // Why unchecked: raw memory that no one writes after `init`.
    package enum Kind: UInt8, Sendable { case null, `true`, `false`, number, string, array, object }

    /// One value. The members of an object come as pairs of nodes, the key (a string) first.
    package struct Node: Sendable {
        package var kind: Kind
        /// True for a number with a minus sign.
        package var isNegative = false
        /// True for a string that is the key of a member.
        package var isKey = false
        /// How many elements or members a container has.
        package var count: UInt32 = 0
        /// The bytes of a number or a string.
        package var start: UInt32 = 0
        package var end: UInt32 = 0
        /// The node that follows this value and all that is in it.
        package var next: UInt32 = 0
    }

    package let nodes: UnsafeBufferPointer<Node>
    package let bytes: UnsafeRawBufferPointer
    /// Holds the bytes, and the nodes unless they are many.
    private let block: UnsafeMutableRawPointer

    /// Scans `text`, which is read during the call only. Throws `P2009` where it is not JSON or is beyond a limit.
    package init(scanning text: UnsafeRawBufferPointer) throws(Failure) {
        var scanner = try JSONScanner(text)
        do {
            try scanner.scan()
        } catch {
            scanner.discard()
            throw error
        }
        nodes = UnsafeBufferPointer(start: scanner.nodes, count: scanner.nodeCount)
        bytes = UnsafeRawBufferPointer(start: scanner.text, count: text.count)
        block = scanner.block
    }

    package convenience init(scanning text: String) throws(Failure) {
        // Why not withUTF8: it does not pass typed errors on.
        try self.init(scanning: Array(text.utf8))
    }

    package convenience init(scanning text: [UInt8]) throws(Failure) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: text)
        try self.init(scanning: UnsafeRawBufferPointer(copy))
    }

    deinit {
        if let nodes = nodes.baseAddress { JSONScanner.free(block, UnsafeMutablePointer(mutating: nodes)) }
    }

    package var root: JSONValue { JSONValue(document: self, index: 0) }

    /// The bytes of a string (unescaped) or a number (as written).
    @inline(__always)
    package func text(of index: Int) -> UnsafeRawBufferPointer {
        let node = nodes[index]
        return UnsafeRawBufferPointer(rebasing: bytes[Int(node.start)..<Int(node.end)])
    }
}
