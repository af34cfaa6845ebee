/// Identifies the request in log events and in SQL comments.
package struct Trace: Sendable {
    /// The `traceparent` of the request; nil when it has none.
    package var parent: TraceParent?
    /// What the request says in `comments`, and its sampled `traceparent`; nil when it has no `comments`.
    package var comment: SQLComment?
    /// The client's number of the request, which all its events share. 0 where nothing is logged.
    package var number: UInt64 = 0

    package init() {}

    /// True if statements carry something of it to the server in a comment.
    package var isInStatements: Bool { comment != nil || parent?.isSampled == true }

    /// Appends the comment in the form of sqlcommenter, `/*key='value'*/`, with what separates it from a statement. Nothing if there is none.
    /// - Parameter isAfterLineComment: true if the statement may end in a line comment, which the comment would become part of.
    package func appendComment(to buffer: inout ByteBuffer, isAfterLineComment: Bool) {
        guard isInStatements else { return }
        buffer.append(isAfterLineComment ? "\n/*" : " /*")
        if let comment {
            comment.text.withUnsafeBytes { buffer.append($0) }
        } else if let parent {
            buffer.append("traceparent='")
            parent.write(into: &buffer)
            buffer.append(UInt8(ascii: "'"))
        }
        buffer.append("*/")
    }
}

/// Keys and values in the form of [sqlcommenter](https://google.github.io/sqlcommenter/spec/): sorted by key, percent-encoded, each value in quotes.
///
/// Whatever they are, the text ends no comment and no string.
package final class SQLComment: Sendable {
    /// What stands between `/*` and `*/`: `key='value',other='value'`.
    package let text: [UInt8]

    /// - Parameter pairs: at least one. A key that stands there twice stands in the comment twice.
    package init(_ pairs: [(key: String, value: String)]) {
        var text: [UInt8] = []
        for (position, pair) in pairs.sorted(by: { $0.key < $1.key }).enumerated() {
            if position > 0 { text.append(UInt8(ascii: ",")) }
            SQLComment.encode(pair.key, into: &text)
            text.append(contentsOf: "='".utf8)
            SQLComment.encode(pair.value, into: &text)
            text.append(UInt8(ascii: "'"))
        }
        self.text = text
    }

    /// Percent-encodes as JavaScript's `encodeURIComponent` does, and puts a backslash before a quote.
    /// Why a `*` may stay: `/` does not, and so no comment begins or ends.
    private static func encode(_ part: String, into text: inout [UInt8]) {
        for byte in part.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.append(byte)
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "~"), UInt8(ascii: "*"),
                UInt8(ascii: "("), UInt8(ascii: ")"):
                text.append(byte)
            case UInt8(ascii: "'"):
                text.append(contentsOf: "\\'".utf8)
            default:
                text.append(UInt8(ascii: "%"))
                for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? digit + 48 : digit + 55) }
            }
        }
    }
}
