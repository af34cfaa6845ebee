/// The parts of a schema text that may hold a password: URLs, also with wrong quotes or line ends.
///
/// Messages may quote the text outside of them, so names beside a URL stay readable. Each line is read once, however many URLs it has.
struct SecretRanges {
    /// In the order of the text; each one ends behind the one before.
    private var ranges: [Range<Int>] = []
    private let text: UnsafeRawBufferPointer

    /// What is known of the line that is being read.
    private struct Line {
        let end: Int
        /// The place up to which it was read for comments and quotes.
        var read: Int
        var isInString = false
        var isComment = false
        /// The next quote, or the end; and whether a string ends there.
        var quote: Int
        var isClosed = false
        /// The last `@`; -1 without one.
        var at = -1
        /// Where a string ends that continues on the lines below, and whether a quote there says so.
        var continued: (end: Int, isSure: Bool)?
    }

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
        var index = 0
        var line = Line(end: 0, read: 0, quote: -1)
        while index + 2 < text.count {
            guard byte(index, ":"), byte(index + 1, "/"), byte(index + 2, "/") else {
                index += 1
                continue
            }
            if index >= line.end { line = lineAround(index) }
            if !isInComment(index, &line) {
                let end = end(from: index, &line)
                if end > ranges.last?.upperBound ?? -1 { ranges.append(index..<end) }
            }
            index += 3
        }
    }

    func contains(_ offset: Int) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].lowerBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 && ranges[low - 1].upperBound > offset
    }

    private func byte(_ index: Int, _ wanted: Unicode.Scalar) -> Bool { text[index] == UInt8(ascii: wanted) }

    private func lineEnd(_ index: Int) -> Int {
        var end = index
        while end < text.count, !byte(end, "\n") { end += 1 }
        return end
    }

    private func lineAround(_ index: Int) -> Line {
        var start = index
        while start > 0, !byte(start - 1, "\n") { start -= 1 }
        var line = Line(end: lineEnd(index), read: start, quote: -1)
        if let at = (start..<line.end).last(where: { byte($0, "@") }) { line.at = at }
        return line
    }

    /// Returns true if a comment begins before it on its line. Such a URL is not read.
    private func isInComment(_ index: Int, _ line: inout Line) -> Bool {
        while line.read < index, !line.isComment {
            if byte(line.read, "\"") { line.isInString.toggle() }
            line.isComment = !line.isInString && byte(line.read, "/") && byte(line.read + 1, "/")
            line.read += 1
        }
        return line.isComment
    }

    /// Returns the place behind the URL that begins there. It is at the closing quote, or at the end of the line if the quote is missing or
    /// inside the URL. If the string continues, it is at the end of the line that seems to close it.
    private func end(from start: Int, _ line: inout Line) -> Int {
        if line.quote < start {
            line.quote = (start..<line.end).first { byte($0, "\"") } ?? line.end
            line.isClosed = line.quote < line.end && isFollowedByNothing(line.quote + 1, line.end)
        }
        if line.quote < line.end { return line.isClosed ? line.quote : line.end }
        let (end, isSure) = line.continued ?? continuation(of: line.end)
        line.continued = (end, isSure)
        return isSure || line.at < start ? end : line.end
    }

    private func continuation(of line: Int) -> (end: Int, isSure: Bool) {
        var end = line
        for _ in 0..<2 where end < text.count {
            let next = lineEnd(end + 1)
            let quotes = (end + 1..<next).count { byte($0, "\"") }
            if quotes % 2 == 1 { return (next, true) }
            end = next
        }
        return (end, false)
    }

    /// Returns true if a complete string ends there: blanks, a bracket, a comma or a comment follow.
    private func isFollowedByNothing(_ start: Int, _ end: Int) -> Bool {
        guard let next = (start..<end).first(where: { !byte($0, " ") && !byte($0, "\t") && !byte($0, "\r") }) else { return true }
        return byte(next, ")") || byte(next, "]") || byte(next, ",") || byte(next, "/") || byte(next, "@") && next > start
    }
}
