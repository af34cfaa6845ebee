import Schema
import Text

/// Parses a column's default in the server's form: `'x'::text`, `nextval('"User_id_seq"'::regclass)`, `ARRAY['a'::text]`.
///
/// Anything that the schema language has no form for stays an expression.
struct DefaultReader {
    private let text: [UInt8]
    private var position = 0

    /// Nil for a default of NULL.
    static func value(_ text: String, _ type: StorageType, isList: Bool) -> ColumnDefault? {
        var reader = DefaultReader(text)
        if reader.skip("NULL"), reader.cast(), reader.isAtEnd { return nil }
        reader.position = 0
        let value = isList ? reader.list(type) : reader.single(type)
        // Why not a whole number in parentheses with a cast: Prisma takes that for an expression.
        let isCast = !isList && type.isWhole && text.utf8.first == UInt8(ascii: "(") && text.utf8.last != UInt8(ascii: ")")
        return value.flatMap { reader.isAtEnd && !isCast ? $0 : nil } ?? .expression(text)
    }

    private init(_ text: String) { self.text = Array(text.utf8) }

    private var isAtEnd: Bool { position == text.count }
    private func byte(_ distance: Int = 0) -> UInt8 { position + distance < text.count ? text[position + distance] : 0 }

    private mutating func skip(_ word: String) -> Bool {
        guard text[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    // MARK: One value

    private mutating func single(_ type: StorageType) -> ColumnDefault? {
        if let sequence = sequence() { return .sequence(sequence) }
        switch type {
        case .enumeration: return quoted().flatMap { cast() ? .constant(.label($0)) : nil }
        case .other: return type.isSingleByte ? quoted().flatMap { cast() ? .constant(.text($0)) : nil } : nil
        case .native(let native):
            if native.name.scalar == .dateTime { return moment() }
            return constant(native).map { .constant($0) }
        }
    }

    /// Parses `now()` or `CURRENT_TIMESTAMP`, which mean the same.
    private mutating func moment() -> ColumnDefault? { skip("now()") || skip("CURRENT_TIMESTAMP") ? .now : nil }

    private mutating func constant(_ native: NativeType) -> Constant? {
        switch native.name.scalar {
        case .boolean: return skip("true") ? .truth(true) : skip("false") ? .truth(false) : nil
        case .int, .bigInt: return number { Int64($0) != nil }
        case .float, .decimal: return number { Double($0)?.isFinite == true }
        case .string:
            // Why not these: Prisma writes their values unchanged.
            if native.name == .uuid { return nil }
            return quoted().flatMap { cast() ? .text($0) : nil }
        case .json: return quoted().flatMap { cast() ? .text($0) : nil }
        case .bytes: return quoted().flatMap { cast() ? Self.bytes($0).map { .bytes($0) } : nil }
        case .dateTime: return nil
        }
    }

    /// Parses `5`, `-5`, `(-5)` or `'-5'::integer`.
    private mutating func number(_ isRight: (String) -> Bool) -> Constant? {
        let start = position
        if let text = quoted() {
            if cast(), isRight(text) { return .number(text) }
            position = start
            return nil
        }
        let isInParentheses = skip("(")
        let first = position
        if byte() == UInt8(ascii: "-") { position += 1 }
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte()) || [UInt8(ascii: "."), UInt8(ascii: "e")].contains(byte()) { position += 1 }
        let text = String(decoding: text[first..<position], as: UTF8.self)
        if isInParentheses, !skip(")") { return nil }
        return cast() && isRight(text) ? .number(text) : nil
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.starts(with: "\\x".utf8), digits.count.isMultiple(of: 2) else { return nil }
        var result: [UInt8] = []
        for index in stride(from: 2, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else { return nil }
            result.append(byte)
        }
        return result
    }

    // MARK: Lists

    /// Parses `ARRAY['a'::text, 'b'::text]`, `'{a,b}'::text[]` or `(ARRAY[]::timestamp without time zone[])::timestamp(3) without time zone[]`.
    private mutating func list(_ type: StorageType) -> ColumnDefault? {
        if let text = quoted() {
            guard cast(), let items = ArrayText.items(of: text) else { return nil }
            var constants: [Constant] = []
            for item in items {
                guard let constant = Self.constant(item, type) else { return nil }
                constants.append(constant)
            }
            return .list(constants)
        }
        let isInParentheses = skip("(")
        guard skip("ARRAY[") else { return nil }
        var constants: [Constant] = []
        while !skip("]") {
            if !constants.isEmpty, !skip(", ") { return nil }
            guard case .constant(let constant)? = single(type) else { return nil }
            constants.append(constant)
        }
        // Why only an empty list: the elements of another list were converted, so their text may differ now.
        if isInParentheses, !(constants.isEmpty && cast() && skip(")")) { return nil }
        return cast() ? .list(constants) : nil
    }

    /// Parses an element of an array's text.
    private static func constant(_ item: String, _ type: StorageType) -> Constant? {
        switch type {
        case .enumeration: return .label(item)
        case .other: return nil
        case .native(let native):
            switch native.name.scalar {
            case .boolean: return item.isExactly("t") ? .truth(true) : item.isExactly("f") ? .truth(false) : nil
            case .int, .bigInt: return Int64(item).map { _ in .number(item) }
            case .float, .decimal: return Double(item)?.isFinite == true && native.name != .money ? .number(item) : nil
            case .string: return [.uuid, .bit, .varBit].contains(native.name) ? nil : .text(item)
            case .json: return .text(item)
            case .bytes: return bytes(item).map { .bytes($0) }
            case .dateTime: return nil
            }
        }
    }

    // MARK: Pieces

    /// Parses a string literal: `'it''s'`, `E'a\\b'`.
    private mutating func quoted() -> String? {
        let start = position
        let isEscaped = byte() == UInt8(ascii: "E") && byte(1) == UInt8(ascii: "'")
        if isEscaped { position += 1 }
        guard byte() == UInt8(ascii: "'") else { return nil }
        position += 1
        var bytes: [UInt8] = []
        while position < text.count {
            let next = text[position]
            position += 1
            if next == UInt8(ascii: "'") {
                guard byte() == UInt8(ascii: "'") else { return String(decoding: bytes, as: UTF8.self) }
                position += 1
            } else if isEscaped, next == UInt8(ascii: "\\") {
                position += 1
            }
            bytes.append(next)
        }
        position = start
        return nil
    }

    /// Skips any number of casts such as `::character varying(40)[]`. Returns false if something else follows.
    private mutating func cast() -> Bool {
        while skip("::") {
            var isInQuotes = false
            var depth = 0
            while position < text.count {
                let next = text[position]
                if next == UInt8(ascii: "\"") { isInQuotes.toggle() }
                if !isInQuotes, next == UInt8(ascii: "(") { depth += 1 }
                if !isInQuotes, next == UInt8(ascii: ")") {
                    // The parenthesis belongs to what surrounds the cast.
                    if depth == 0 { break }
                    depth -= 1
                }
                if !isInQuotes, next == UInt8(ascii: ":") || next == UInt8(ascii: ",") && !isWithinParentheses || endsCast(next) { break }
                position += 1
            }
        }
        return true
    }

    /// True if a comma belongs to a type such as `numeric(10,2)`.
    private var isWithinParentheses: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte(1)) }

    /// True if a closing bracket belongs to what surrounds the type.
    private func endsCast(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "]") && text[position - 1] != UInt8(ascii: "[") }

    /// Parses `nextval('public."User_id_seq"'::regclass)` and `nextval(('s'::text)::regclass)`.
    private mutating func sequence() -> ObjectName? {
        let start = position
        if skip("nextval(") {
            let ending = skip("(") ? "::text)::regclass)" : "::regclass)"
            if let text = quoted(), skip(ending), let name = SequenceName.parse(text) { return name }
        }
        position = start
        return nil
    }
}

extension StorageType {
    fileprivate var isWhole: Bool {
        if case .native(let native) = self { return native.name.scalar == .int || native.name.scalar == .bigInt }
        return false
    }
}
