import Text

/// SQL text that may hold several statements, as PostgreSQL's own lexer would cut it.
enum RawScript {
    /// The largest number of a parameter that the text names: of `$1 + $3` it is 3. Those in quotes and comments are none.
    static func highestParameter(in text: String) -> Int {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return 0 }
        var lexer = Lexer(Array(text.utf8))
        _ = lexer.statements()
        return lexer.highestParameter
    }

    /// The statements between the semicolons, those without a word left out. Semicolons in quotes, dollar quotes and comments, and in
    /// the body of a function that is written as `BEGIN ATOMIC … END`, separate nothing.
    static func statements(of text: String) -> [String] {
        // Why first: it is what nearly every text is like.
        guard text.utf8.contains(UInt8(ascii: ";")) else { return [text] }
        var lexer = Lexer(Array(text.utf8))
        return lexer.statements()
    }

    private struct Lexer {
        private let bytes: [UInt8]
        private var position = 0
        /// `BEGIN ATOMIC` and `CASE` that have no `END` yet.
        private var depth = 0
        private var finalReply: [UInt8] = []
        private(set) var highestParameter = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func statements() -> [String] {
            var result: [String] = []
            var start = 0
            var hasContent = false
            while position < bytes.count {
                let byte = bytes[position]
                if byte == UInt8(ascii: ";"), depth == 0 {
                    if hasContent { result.append(String(decoding: bytes[start..<position], as: UTF8.self)) }
                    position += 1
                    start = position
                    hasContent = false
                    finalReply = []
                } else if byte <= 0x20 {
                    position += 1
                } else if case .absent = SQLComment.skip(bytes, &position) {
                    hasContent = true
                    skipToken(byte)
                }
            }
            if hasContent { result.append(String(decoding: bytes[start...], as: UTF8.self)) }
            return result
        }

        private mutating func skipToken(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "'"): skipQuoted(by: byte, hasEscapes: finalReply == [UInt8(ascii: "E")])
            case UInt8(ascii: "\""): skipQuoted(by: byte, hasEscapes: false)
            case UInt8(ascii: "$"): skipDollarQuoted()
            case _ where isWordByte(byte): skipWord()
            default: position += 1
            }
            if !isWordByte(byte) { finalReply = [] }
        }

        private func isWordByte(_ byte: UInt8) -> Bool {
            byte >= 0x80 || byte == UInt8(ascii: "_") || byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
        }

        private mutating func skipWord() {
            let start = position
            // Why dollars: within a name they begin no quote.
            while position < bytes.count, isWordByte(bytes[position]) || bytes[position] == UInt8(ascii: "$") { position += 1 }
            let word = bytes[start..<position].map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 & 0xDF : $0 }
            if word == Array("ATOMIC".utf8), finalReply == Array("BEGIN".utf8) { depth += 1 }
            if depth > 0, word == Array("CASE".utf8) { depth += 1 }
            if depth > 0, word == Array("END".utf8) { depth -= 1 }
            finalReply = word
        }

        private mutating func skipQuoted(by quote: UInt8, hasEscapes: Bool) {
            position += 1
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if hasEscapes, byte == UInt8(ascii: "\\") {
                    position += 1
                } else if byte == quote {
                    guard position < bytes.count, bytes[position] == quote else { return }
                    position += 1
                }
            }
        }

        /// `$$ … $$`, `$name$ … $name$`. A `$1` is a parameter.
        private mutating func skipDollarQuoted() {
            if position + 1 < bytes.count, bytes[position + 1] &- UInt8(ascii: "0") < 10 { return skipParameter() }
            var end = position + 1
            while end < bytes.count, isWordByte(bytes[end]) { end += 1 }
            guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return position += 1 }
            let tag = bytes[position...end]
            position = end + 1
            while position < bytes.count {
                if bytes[position] == tag.first, bytes[position...].starts(with: tag) { return position += tag.count }
                position += 1
            }
        }

        private mutating func skipParameter() {
            position += 1
            var number = 0
            while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 {
                number = min(number * 10 + Int(bytes[position] &- UInt8(ascii: "0")), QueryLimit.slots)
                position += 1
            }
            highestParameter = max(highestParameter, number)
        }
    }
}
