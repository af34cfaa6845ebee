package import Text

/// One mistake in a schema text: where it is, what was found, what was expected.
package struct Diagnostic: Sendable, Equatable, CustomStringConvertible {
    /// The file's name. Nil if the schema is one text.
    package let file: String?
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in Unicode scalars.
    package let column: Int
    /// What is wrong, with what was found.
    package let message: String
    package let expected: String?
    /// The nearest name that would have been right.
    package let suggestion: String?

    /// `12:8: unknown type "Strin"; expected a scalar type, an enum or a model; did you mean "String"?`
    package var description: String {
        var text = (file.map { $0 + ":" } ?? "") + "\(line):\(column): \(message)"
        if let expected { text += "; expected \(expected)" }
        if let suggestion { text += "; did you mean \"\(suggestion)\"?" }
        return text
    }
}

/// All mistakes of a schema text, in the order of their positions.
package struct SchemaError: Error, Sendable, Equatable {
    package let diagnostics: [Diagnostic]
    /// False if there are `SchemaLimit.diagnostics`. The rest of the text was then not checked.
    package let isComplete: Bool

    /// The library's own error for it: `P6001`, with each diagnostic as a text in `meta.errors`.
    package var failure: Failure {
        let count = diagnostics.count
        let number = (isComplete ? "" : "at least ") + (count == 1 ? "1 error" : "\(count) errors")
        let first = diagnostics.first.map { ", the first at \($0)" } ?? ""
        return Failure(
            .invalidConfiguration, code: "P6001", "The schema cannot be used: \(number)\(first)",
            meta: [("errors", .texts(diagnostics.map(\.description)))])
    }
}

/// Collects mistakes by byte offset while a text is read, and turns the offsets into lines and columns at the end.
struct DiagnosticList {
    private struct Entry {
        var offset: Int
        var message: String
        var expected: String?
        var suggestion: String?
    }
    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }
    /// Number of reports so far.
    var count: Int { entries.count }
    var isFull: Bool { entries.count >= SchemaLimit.diagnostics }

    mutating func report(_ offset: Int, _ message: String, expected: String? = nil, suggestion: String? = nil) {
        if isFull { return }
        entries.append(Entry(offset: offset, message: message, expected: expected, suggestion: suggestion))
    }

    /// Returns the error with all reports, in the order of the text. Reports of one position stay in their order.
    func error(in text: UnsafeRawBufferPointer, of files: [SchemaFile]) -> SchemaError {
        let order = entries.indices.sorted { (entries[$0].offset, $0) < (entries[$1].offset, $1) }
        var place = TextPlace(files)
        let secrets = SecretRanges(text)
        var diagnostics: [Diagnostic] = []
        diagnostics.reserveCapacity(entries.count)
        for index in order {
            let entry = entries[index]
            place.advance(to: entry.offset, in: text)
            let isSecret = secrets.contains(entry.offset)
            let diagnostic = Diagnostic(
                file: place.file, line: place.line, column: place.column,
                message: isSecret ? DiagnosticList.concealed(entry.message) : entry.message,
                expected: isSecret ? entry.expected.map { DiagnosticList.concealed($0) } : entry.expected,
                suggestion: isSecret ? nil : entry.suggestion)
            if diagnostics.last != diagnostic { diagnostics.append(diagnostic) }
        }
        return SchemaError(diagnostics: diagnostics, isComplete: !isFull)
    }

    /// Returns a message without the text that it quotes: `unexpected "…"`.
    private static func concealed(_ message: String) -> String {
        // Why scalars: to a String, a quote and an accent behind it are one character, and no quote.
        let parts = message.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.enumerated().map { $0 % 2 == 1 ? "…" : String($1) }.joined(separator: "\"")
    }
}

/// A place that only moves forward through a text, so that all positions together cost one pass.
private struct TextPlace {
    private var offset = 0
    private(set) var line = 1
    private(set) var column = 1
    private var files: ArraySlice<SchemaFile>

    init(_ files: [SchemaFile]) { self.files = files[...] }

    var file: String? { files.first?.name }

    mutating func advance(to target: Int, in text: UnsafeRawBufferPointer) {
        let end = min(target, text.count)
        while offset < end {
            let byte = text[offset]
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                // Why: continuation bytes of UTF-8 belong to a scalar that is counted by its first byte.
                column += 1
            }
            offset += 1
            if let file = files.first, offset == file.end, files.count > 1 {
                files.removeFirst()
                line = 1
                column = 1
            }
        }
    }
}
