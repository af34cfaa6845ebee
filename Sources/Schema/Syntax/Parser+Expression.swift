// Values: strings, numbers, names, calls, lists and objects, nested up to `SchemaLimit.nesting`.
extension Parser {
    /// An open bracket with its content so far. A stack of frames replaces recursion.
    private struct Frame {
        enum Kind {
            case arguments
            case call(Name)
            case list, object
        }
        var kind: Kind
        var open: Token
        var items: [Argument] = []
        var pendingName: Name?

        var close: Token.Kind {
            switch kind {
            case .arguments, .call: .closeParenthesis
            case .list: .closeBracket
            case .object: .closeBrace
            }
        }
        var takesNames: Bool { if case .list = kind { false } else { true } }
    }

    /// Reads the arguments of an attribute, `(` to `)`. Reports and skips a mistake, and returns nil.
    mutating func parseArguments() -> [Argument]? {
        var frames = [Frame(kind: .arguments, open: current)]
        advance()
        guard let value = parseNested(&frames), case .call(_, let arguments) = value.value else { return nil }
        return arguments
    }

    /// Reads the value of a property. Reports a mistake, skips its line, and returns nil.
    mutating func parseExpression() -> Expression? {
        var frames: [Frame] = []
        let isBracket = current.kind == .openBracket
        let value = parseNested(&frames)
        if value == nil, !isBracket { skipLine() }
        return value
    }

    /// Reads values until the outermost open bracket is closed. Reads one value if none is open.
    private mutating func parseNested(_ frames: inout [Frame]) -> Expression? {
        while true {
            guard frames.count <= SchemaLimit.nesting else {
                diagnostics.report(current.start, "brackets nested deeper than \(SchemaLimit.nesting)", expected: nil)
                return recover(frames)
            }
            if !frames.isEmpty { skipNewlines() }
            var finished: Expression?
            if let top = frames.last, current.kind == top.close {
                finished = closeFrame(&frames)
            } else {
                switch parsePrimary(&frames) {
                case .value(let value): finished = value
                case .opened: continue
                case .failed: return recover(frames)
                }
            }
            // A closed bracket is a value in the one around it, which may then close, too.
            while let value = finished {
                guard let top = frames.indices.last else { return value }
                frames[top].items.append(Argument(name: frames[top].pendingName, value: value))
                frames[top].pendingName = nil
                skipNewlines()
                if current.kind == .comma {
                    skipComma(within: frames[top].close)
                    finished = nil
                } else if current.kind == frames[top].close {
                    finished = closeFrame(&frames)
                } else {
                    return recoverUnclosed(frames)
                }
            }
        }
    }

    /// Skips a comma. A value has to follow it.
    private mutating func skipComma(within close: Token.Kind) {
        let comma = current.start
        advance()
        skipNewlines()
        guard current.kind == close else { return }
        diagnostics.report(
            comma, "a comma before \"\(Token.fixedText(close) ?? "")\"", expected: "another value behind it, or no comma")
    }

    private enum Step {
        case value(Expression)
        case opened, failed
    }

    private mutating func parsePrimary(_ frames: inout [Frame]) -> Step {
        if let top = frames.indices.last, frames[top].takesNames { takeArgumentName(&frames[top]) }
        let token = current
        switch token.kind {
        case .string:
            advance()
            return .value(Expression(value: .string(decodeString(token)), offset: token.start))
        case .number:
            advance()
            return .value(Expression(value: .number(word(token)), offset: token.start))
        case .openBracket:
            frames.append(Frame(kind: .list, open: token))
            advance()
            return .opened
        case .openBrace where !frames.isEmpty:
            frames.append(Frame(kind: .object, open: token))
            advance()
            return .opened
        case .identifier:
            guard let path = parsePath(after: takeName()) else { return .failed }
            guard current.kind == .openParenthesis else {
                return .value(Expression(value: .path(path.text), offset: path.offset))
            }
            frames.append(Frame(kind: .call(path), open: current))
            advance()
            return .opened
        default:
            // Why: a `(` at the end of a line probably lacks its closing bracket, and not a right value.
            if let open = frames.last?.open, !isOnSameLine(open, token), closingPosition(of: open) == nil {
                reportUnclosed(open)
            } else {
                reportUnexpected(expected: "a value")
            }
            return .failed
        }
    }

    /// `name:` before a value.
    private mutating func takeArgumentName(_ frame: inout Frame) {
        guard current.kind == .identifier, frame.pendingName == nil else { return }
        var ahead = lexer
        guard ahead.next().kind == .colon else { return }
        frame.pendingName = takeName()
        advance()
        skipNewlines()
    }

    /// Reads the rest of `name(.name)*`.
    mutating func parsePath(after first: Name) -> Name? {
        var path = first
        while current.kind == .dot {
            advance()
            guard current.kind == .identifier else {
                reportUnexpected(expected: "a name after \"\(path.text).\"")
                return nil
            }
            path.text += "." + word(current)
            advance()
        }
        return path
    }

    /// Consumes the closing bracket of the innermost frame and returns its value.
    private mutating func closeFrame(_ frames: inout [Frame]) -> Expression? {
        guard let frame = frames.popLast() else { return nil }
        advance()
        let value: Expression.Value =
            switch frame.kind {
            case .arguments: .call("", frame.items)
            case .call(let name): .call(name.text, frame.items)
            case .list: .list(frame.items.map(\.value))
            case .object: .object(frame.items)
            }
        if case .call(let name) = frame.kind { return Expression(value: value, offset: name.offset) }
        return Expression(value: value, offset: frame.open.start)
    }

    // MARK: After a mistake

    /// Reports a token where `,` or the closing bracket was expected, then recovers.
    private mutating func recoverUnclosed(_ frames: [Frame]) -> Expression? {
        guard let top = frames.last else { return nil }
        if isOnSameLine(top.open, current) || closingPosition(of: top.open) != nil {
            reportUnexpected(expected: "\",\" or \"\(Token.fixedText(top.close) ?? "")\"")
        } else {
            reportUnclosed(top.open)
        }
        return recover(frames)
    }

    private mutating func reportUnclosed(_ open: Token) {
        diagnostics.report(
            open.start, "\"\(Token.fixedText(open.kind) ?? "")\" is not closed", expected: "the bracket that closes it")
    }

    /// Continues behind the bracket that closes the outermost open one. Without such a bracket, it continues at the end of the line.
    private mutating func recover(_ frames: [Frame]) -> Expression? {
        guard let outermost = frames.first else { return nil }
        if let position = closingPosition(of: outermost.open) {
            resume(at: position)
        } else {
            resume(at: lineEnd(outermost.open.end))
        }
        return nil
    }

    /// The place behind the bracket that closes an open one. Nil if a new attribute, a wrong bracket or the end comes first.
    private func closingPosition(of open: Token) -> Int? {
        var ahead = lexer
        ahead.position = open.start
        var stack: [Token.Kind] = []
        for _ in 0..<SchemaLimit.recoveryTokens {
            let token = ahead.next()
            switch token.kind {
            case .openParenthesis: stack.append(.closeParenthesis)
            case .openBracket: stack.append(.closeBracket)
            case .openBrace: stack.append(.closeBrace)
            case .closeParenthesis, .closeBracket, .closeBrace:
                guard stack.popLast() == token.kind else { return nil }
                if stack.isEmpty { return ahead.position }
            case .at, .doubleAt, .end, .brokenComment, .brokenString: return nil
            default: break
            }
        }
        return nil
    }

    private func isOnSameLine(_ first: Token, _ second: Token) -> Bool {
        first.end <= second.start && !text[first.end..<second.start].contains(UInt8(ascii: "\n"))
    }

    private func lineEnd(_ position: Int) -> Int {
        var end = position
        while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
        return end
    }

    // MARK: Strings

    /// Returns the text of a string token. Its escapes are those of JSON.
    private mutating func decodeString(_ token: Token) -> String {
        let inside = UnsafeRawBufferPointer(rebasing: text[(token.start + 1)..<(token.end - 1)])
        guard inside.contains(UInt8(ascii: "\\")) else { return String(decoding: inside, as: UTF8.self) }
        var bytes: [UInt8] = []
        var index = 0
        while index < inside.count {
            guard inside[index] == UInt8(ascii: "\\") else {
                bytes.append(inside[index])
                index += 1
                continue
            }
            guard let (scalar, length) = Self.decodeEscape(inside, at: index) else {
                diagnostics.report(
                    token.start + 1 + index, "unknown escape in a string",
                    expected: "\\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX")
                return ""
            }
            bytes.append(contentsOf: Array(String(scalar).utf8))
            index += length
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Returns the scalar of an escape and the escape's length. A surrogate pair is one escape.
    private static func decodeEscape(_ bytes: UnsafeRawBufferPointer, at index: Int) -> (Unicode.Scalar, Int)? {
        guard index + 1 < bytes.count else { return nil }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""): return ("\"", 2)
        case UInt8(ascii: "\\"): return ("\\", 2)
        case UInt8(ascii: "/"): return ("/", 2)
        case UInt8(ascii: "b"): return ("\u{8}", 2)
        case UInt8(ascii: "f"): return ("\u{C}", 2)
        case UInt8(ascii: "n"): return ("\n", 2)
        case UInt8(ascii: "r"): return ("\r", 2)
        case UInt8(ascii: "t"): return ("\t", 2)
        case UInt8(ascii: "u"):
            guard let first = decodeHex(bytes, at: index) else { return nil }
            if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
            guard first < 0xDC00, let second = decodeHex(bytes, at: index + 6), second >= 0xDC00, second <= 0xDFFF,
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            else { return nil }
            return (scalar, 12)
        default: return nil
        }
    }

    /// The number of a `\uXXXX` at a place.
    private static func decodeHex(_ bytes: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var value: UInt32 = 0
        for byte in bytes[(index + 2)..<(index + 6)] {
            let lower = byte | 0x20
            if Lexer.isDigit(byte) {
                value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            } else if lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "f") {
                value = value << 4 | UInt32(lower - UInt8(ascii: "a") + 10)
            } else {
                return nil
            }
        }
        return value
    }
}
