// `///` comments: what the schema says about its models, fields, enums and values.
extension Parser {
    /// Of an item within a block: the comments before it, then the one at the end of its last line.
    func documentation(around start: Int) -> String? {
        let before = documentation(before: start, acrossBlankLines: true)
        guard let behind = documentationBehind() else { return before }
        return before.map { $0 + "\n" + behind } ?? behind
    }

    /// The lines of the comment block before a place, those with three slashes; nil when there are none.
    ///
    /// Above a model or an enum a blank line parts the two, within a block it does not.
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

    /// Between what was read last and the end of its line.
    private func documentationBehind() -> String? {
        guard isAtLineEnd, current.start >= previousEnd else { return nil }
        return documentationText(trimmed(previousEnd, current.start))
    }

    private func lineStart(_ position: Int) -> Int {
        var start = position
        while start > fileStart, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        return start
    }

    /// Where the line begins in which nothing stands before a place; nil when something does.
    ///
    /// Why not `lineStart`: a thousand blocks on one line would each go through all of it.
    private func ownLineStart(_ position: Int) -> Int? {
        var start = position
        while start > fileStart, text[start - 1] != UInt8(ascii: "\n") {
            guard Self.isBlank(text[start - 1]) else { return nil }
            start -= 1
        }
        return start
    }

    /// A stretch without the blanks around it.
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
