import Text

/// A statement of a script as an error may show it: on one line, without comments, and with `'…'` and `?` for what it holds of values.
struct StatementSketch {
    private enum Limits {
        /// Longest text that is shown.
        static let bytes = 240
    }

    private let bytes: [UInt8]
    private let keepsNumbers: Bool
    private var position = 0
    private var text: [UInt8] = []
    /// Of parentheses: a rule holds several statements between them.
    private var depth = 0

    /// Returns the statement of that number, counted from 1, as the server counts them; nil where there is none.
    ///
    /// - Parameter keepsNumbers: the script is a definition of ours, whose numbers are lengths.
    static func text(_ number: Int, of script: String, keepsNumbers: Bool = false) -> String? {
        var sketch = StatementSketch(script, keepsNumbers)
        var count = 0
        while let text = sketch.next() {
            count += 1
            if count == number { return cut(text) }
        }
        return nil
    }

    private init(_ script: String, _ keepsNumbers: Bool) {
        bytes = Array(script.utf8)
        self.keepsNumbers = keepsNumbers
    }

    private static func cut(_ text: [UInt8]) -> String {
        guard text.count > Limits.bytes else { return String(decoding: text, as: UTF8.self) }
        var end = Limits.bytes
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: text[..<end], as: UTF8.self) + " …"
    }

    private func byte(_ distance: Int = 0) -> UInt8 { position + distance < bytes.count ? bytes[position + distance] : 0 }

    /// The next statement that is none but blanks and comments.
    private mutating func next() -> [UInt8]? {
        text = []
        depth = 0
        while position < bytes.count {
            if SQLComment.skip(bytes, &position) != .absent { continue }
            if byte() == UInt8(ascii: ";"), depth == 0 {
                position += 1
                if !text.isEmpty { return trimmed }
            } else {
                take()
            }
        }
        return text.isEmpty ? nil : trimmed
    }

    private var trimmed: [UInt8] { text.last == UInt8(ascii: " ") ? Array(text.dropLast()) : text }

    private mutating func take() {
        switch byte() {
        case 0...0x20:
            if !text.isEmpty, text.last != UInt8(ascii: " ") { text.append(UInt8(ascii: " ")) }
            position += 1
        case UInt8(ascii: "'"): skipString()
        case UInt8(ascii: "\""): takeName()
        case UInt8(ascii: "$"): skipDollars()
        case 0x30...0x39 where !keepsNumbers && !isWithinWord:
            while (0x30...0x39).contains(byte()) || byte() == UInt8(ascii: ".") { position += 1 }
            text.append(UInt8(ascii: "?"))
        default:
            if byte() == UInt8(ascii: "(") { depth += 1 }
            if byte() == UInt8(ascii: ")") { depth = max(0, depth - 1) }
            text.append(byte())
            position += 1
        }
    }

    private var isWithinWord: Bool {
        guard let last = text.last else { return false }
        return last == UInt8(ascii: "_") || last >= 0x80 || (0x30...0x39).contains(last) || (0x41...0x5A).contains(last & 0xDF)
    }

    private mutating func skipString() {
        let isEscaped = text.last.map { $0 & 0xDF == UInt8(ascii: "E") } ?? false
        position += 1
        while position < bytes.count {
            let next = byte()
            position += 1
            if next == UInt8(ascii: "\\"), isEscaped {
                position += 1
            } else if next == UInt8(ascii: "'") {
                if byte() != next { break }
                position += 1
            }
        }
        text += "'…'".utf8
    }

    private mutating func takeName() {
        repeat {
            text.append(byte())
            position += 1
        } while position < bytes.count && byte() != UInt8(ascii: "\"")
        if position < bytes.count {
            text.append(byte())
            position += 1
        }
    }

    /// `$$…$$`, `$body$…$body$`; a dollar sign of anything else stays.
    private mutating func skipDollars() {
        var end = position + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "$"), bytes[end] > 0x20 { end += 1 }
        guard !isWithinWord, end < bytes.count, bytes[end] == UInt8(ascii: "$"), !(0x30...0x39).contains(byte(1)) else {
            text.append(byte())
            position += 1
            return
        }
        let tag = Array(bytes[position...end])
        position = end + 1
        while position < bytes.count, !bytes[position...].starts(with: tag) { position += 1 }
        position = min(bytes.count, position + tag.count)
        text += "$…$".utf8
    }
}
