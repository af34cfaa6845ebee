import Text

/// What a JSON text holds. Numbers keep their text, members their order; strings are their UTF-8.
///
/// Why bytes: Swift's strings are equal when they are canonically equivalent, and here "é" must differ from "e\u{301}".
indirect enum JSONTree: Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string([UInt8])
    case array([JSONTree])
    case object([Member])

    struct Member: Equatable {
        var name: [UInt8]
        var value: JSONTree
    }
}

/// A second reader of JSON to compare the scanner with: recursive, over Unicode scalars, slow and plain, and sharing no
/// line with it. Refuses what the scanner refuses too: keys given twice, and depth beyond the limit.
struct JSONReference {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    private init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// Nil when the bytes are not JSON.
    static func read(_ bytes: [UInt8]) -> JSONTree? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var reader = JSONReference(Array(text.unicodeScalars))
        guard let tree = reader.value(depth: 0) else { return nil }
        reader.blanks()
        return reader.index == reader.scalars.count ? tree : nil
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        let wanted = Array(word.unicodeScalars)
        guard scalars[index...].starts(with: wanted) else { return false }
        index += wanted.count
        return true
    }

    private mutating func blanks() {
        while let scalar = next, [" ", "\t", "\n", "\r"].contains(scalar) { index += 1 }
    }

    private mutating func value(depth: Int) -> JSONTree? {
        blanks()
        switch next {
        case "{": return depth < TextLimit.jsonDepth ? object(depth: depth) : nil
        case "[": return depth < TextLimit.jsonDepth ? array(depth: depth) : nil
        case "\"": return string().map { .string(Array($0.utf8)) }
        case "t": return take(word: "true") ? .bool(true) : nil
        case "f": return take(word: "false") ? .bool(false) : nil
        case "n": return take(word: "null") ? .null : nil
        default: return number().map { .number($0) }
        }
    }

    private mutating func array(depth: Int) -> JSONTree? {
        index += 1
        blanks()
        if take("]") { return .array([]) }
        var elements: [JSONTree] = []
        repeat {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
            blanks()
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func object(depth: Int) -> JSONTree? {
        index += 1
        blanks()
        if take("}") { return .object([]) }
        var members: [JSONTree.Member] = []
        var names: Set<[UInt8]> = []
        repeat {
            blanks()
            guard next == "\"", let name = string().map({ Array($0.utf8) }) else { return nil }
            blanks()
            guard take(":"), let value = value(depth: depth + 1) else { return nil }
            guard names.insert(name).inserted else { return nil }
            members.append(JSONTree.Member(name: name, value: value))
            blanks()
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func digits() -> String? {
        var text = ""
        while let scalar = next, ("0"..."9").contains(scalar) {
            text.unicodeScalars.append(scalar)
            index += 1
        }
        return text.isEmpty ? nil : text
    }

    private mutating func number() -> String? {
        var text = take("-") ? "-" : ""
        guard let whole = digits(), whole == "0" || !whole.hasPrefix("0") else { return nil }
        text += whole
        if take(".") {
            guard let fraction = digits() else { return nil }
            text += "." + fraction
        }
        if let scalar = next, scalar == "e" || scalar == "E" {
            index += 1
            text.unicodeScalars.append(scalar)
            if take("+") { text += "+" } else if take("-") { text += "-" }
            guard let exponent = digits() else { return nil }
            text += exponent
        }
        return text
    }

    private mutating func string() -> String? {
        index += 1
        var units: [UInt16] = []
        while let scalar = next {
            index += 1
            switch scalar {
            case "\"": return String(validating: units, as: UTF16.self)
            case "\\":
                guard let unit = escape() else { return nil }
                units.append(unit)
            case "\u{0}"..."\u{1F}": return nil
            default: units.append(contentsOf: UTF16.encode(scalar)!)
            }
        }
        return nil
    }

    private mutating func escape() -> UInt16? {
        guard let scalar = next else { return nil }
        index += 1
        switch scalar {
        case "\"", "\\", "/": return UInt16(scalar.value)
        case "b": return 8
        case "f": return 12
        case "n": return 10
        case "r": return 13
        case "t": return 9
        case "u":
            guard index + 4 <= scalars.count else { return nil }
            let hex = scalars[index..<index + 4]
            guard hex.allSatisfy({ $0.properties.isASCIIHexDigit }) else { return nil }
            index += 4
            return UInt16(String(String.UnicodeScalarView(hex)), radix: 16)
        default: return nil
        }
    }
}

extension JSONTree {
    /// What the scanner made of a text.
    init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .number: self = .number(String(decoding: value.bytes, as: UTF8.self))
        case .string: self = .string(Array(value.bytes))
        case .array: self = .array(value.elements.map { JSONTree($0) })
        case .object: self = .object(value.members.map { Member(name: Array($0.key.bytes), value: JSONTree($0.value)) })
        }
    }
}
