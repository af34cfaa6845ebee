// `///` comments, which document models, fields, enums and values.
extension Parser {
    /// The documentation of an item within a block: the comments before it, then the one at the end of its last line.
    func documentation(around start: Int) -> String? {
        let before = documentation(before: start, acrossBlankLines: true)
        guard let behind = documentationBehind() else { return before }
        return before.map { $0 + "\n" + behind } ?? behind
    }

    /// The lines with three slashes in the comment block before a place. Nil if there are none.
    ///
    /// A blank line separates a comment from a model or an enum, but not from an item within a block.
    func documentation(before start: Int, acrossBlankLines: Bool) -> String? {
        var lines: [String] = []
        var hasComment = false
        guard var end = ownLineStart(start) else { return nil }
        while end > fileStart {
            let begin = lineStart(end - 1)
            let line = trimmed(begin, end - 1)
            if line.isEmpty {
                if hasComment || !acrossBlankLines { break }
            } else if isComment(line) {
                hasComment = true
                if let text = documentationText(line) { lines.append(text) }
            } else {
                break
            }
            end = begin
        }
        return lines.isEmpty ? nil : lines.reversed().joined(separator: "\n")
    }

    /// The documentation between the last token and the end of its line.
    private func documentationBehind() -> String? {
        guard isAtLineEnd, current.start >= previousEnd else { return nil }
        return documentationText(trimmed(previousEnd, current.start))
    }

    private func lineStart(_ position: Int) -> Int {
        var start = position
        while start > fileStart, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        return start
    }

    /// The beginning of the line if only blanks stand before a place. Nil otherwise.
    ///
    /// Why not `lineStart`: with a thousand blocks on one line, each would read all of it.
    private func ownLineStart(_ position: Int) -> Int? {
        var start = position
        while start > fileStart, text[start - 1] != UInt8(ascii: "\n") {
            guard Self.isBlank(text[start - 1]) else { return nil }
            start -= 1
        }
        return start
    }

    /// A range without the blanks at its ends.
    private func trimmed(_ start: Int, _ end: Int) -> Range<Int> {
        var range = start..<max(start, end)
        while let first = range.first, Self.isBlank(text[first]) { range = (first + 1)..<range.upperBound }
        while let last = range.last, Self.isBlank(text[last]) { range = range.lowerBound..<last }
        return range
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (byte >= UInt8(ascii: "\t") && byte <= UInt8(ascii: "\r"))
    }

    private func slashes(_ line: Range<Int>) -> Int { line.prefix(3).prefix { text[$0] == UInt8(ascii: "/") }.count }
    private func isComment(_ line: Range<Int>) -> Bool { slashes(line) >= 2 }

    private func documentationText(_ line: Range<Int>) -> String? {
        guard slashes(line) == 3 else { return nil }
        return String(decoding: text[trimmed(line.lowerBound + 3, line.upperBound)], as: UTF8.self)
    }
}
