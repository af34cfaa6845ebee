/// The parts of a schema text that may hold a password: URLs, also with wrong quotes or line ends.
///
/// Messages may quote the text outside of them, so names beside a URL stay readable.
struct SecretRanges {
    private var ranges: [Range<Int>] = []
    private let text: UnsafeRawBufferPointer

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
        var index = 0
        while index + 2 < text.count {
            if byte(index, ":"), byte(index + 1, "/"), byte(index + 2, "/") {
                if !isInComment(index) { ranges.append(index..<end(from: index)) }
                index += 3
            } else {
                index += 1
            }
        }
    }

    func contains(_ offset: Int) -> Bool { ranges.contains { $0.contains(offset) } }

    private func byte(_ index: Int, _ wanted: Unicode.Scalar) -> Bool { text[index] == UInt8(ascii: wanted) }

    private func lineEnd(_ index: Int) -> Int {
        var end = index
        while end < text.count, !byte(end, "\n") { end += 1 }
        return end
    }

    /// Returns true if a comment begins before it on its line. Such a URL is not read.
    private func isInComment(_ index: Int) -> Bool {
        var start = index
        while start > 0, !byte(start - 1, "\n") { start -= 1 }
        var isInString = false
        for position in start..<index {
            if byte(position, "\"") { isInString.toggle() }
            if !isInString, position + 1 < index, byte(position, "/"), byte(position + 1, "/") { return true }
        }
        return false
    }

    /// Returns the place behind the URL that begins there. It is at the closing quote, or at the end of the line if the quote is missing or
    /// inside the URL. If the string continues, it is at the end of the line that seems to close it.
    private func end(from start: Int) -> Int {
        let line = lineEnd(start)
        if let quote = (start..<line).first(where: { byte($0, "\"") }) {
            return isFollowedByNothing(quote + 1, line) ? quote : line
        }
        var end = line
        for _ in 0..<2 where end < text.count {
            let next = lineEnd(end + 1)
            let quotes = (end + 1..<next).count { byte($0, "\"") }
            if quotes % 2 == 1 { return next }
            end = next
        }
        return (start..<line).contains { byte($0, "@") } ? line : end
    }

    /// Returns true if a complete string ends there: blanks, a bracket, a comma or a comment follow.
    private func isFollowedByNothing(_ start: Int, _ end: Int) -> Bool {
        guard let next = (start..<end).first(where: { !byte($0, " ") && !byte($0, "\t") && !byte($0, "\r") }) else { return true }
        return byte(next, ")") || byte(next, "]") || byte(next, ",") || byte(next, "/") || byte(next, "@") && next > start
    }
}
