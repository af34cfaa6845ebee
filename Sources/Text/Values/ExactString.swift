/// A text that is compared byte by byte: the key of every look-up by name.
///
/// Why: `String` compares by canonical equivalence. To it `é` as one scalar equals `é` as a letter with an accent, and `K` equals the
/// Kelvin sign. To PostgreSQL, to JSON and to Prisma they differ.
package struct ExactString: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }
    package init(stringLiteral text: String) { self.text = text }

    package var description: String { text }

    package static func == (left: ExactString, right: ExactString) -> Bool { left.text.isExactly(right.text) }

    /// Orders texts by their bytes.
    package static func < (left: ExactString, right: ExactString) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // Why: two texts of a tuple need a mark between them.
        hasher.combine(UInt8(0xFF))
    }
}

extension String {
    /// Returns true if both have the same bytes.
    package func isExactly(_ other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Returns true if this text is one of several.
    package func isExactlyOne(of others: some Sequence<String>) -> Bool { others.contains { isExactly($0) } }
}

extension Collection where Element == String {
    /// The position of the first text with the same bytes.
    package func firstIndex(ofExactly text: String) -> Index? { firstIndex { $0.isExactly(text) } }
}
