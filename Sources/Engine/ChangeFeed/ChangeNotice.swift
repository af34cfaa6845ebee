import SQL
import Text

/// One notification between processes, as text of at most 8000 bytes. The name of the channel contains the version of this format.
///
///     h0123456789abcdef 42                    a probe: proves that notifications arrive
///     t0123456789abcdef public."User"         a table was written by a statement of that client; without an origin, by anyone else
///     i0123456789abcdef users,posts           that client invalidated these tags
///     a0123456789abcdef                       that client invalidated everything
///     c                                       triggers were made or removed
enum ChangeNotice: Equatable {
    case probe(EchoProbe)
    case table(schema: String, name: String, origin: Origin?)
    case tags([[UInt8]], origin: Origin?)
    case everything(origin: Origin?)
    case catalog

    struct EchoProbe: Equatable {
        var origin: Origin
        var number: UInt64
    }

    /// Identifies one client. It is random.
    struct Origin: Equatable, Sendable {
        let number: UInt64

        static func fresh() -> Origin { Origin(number: UInt64.random(in: .min ... .max)) }

        var text: String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: ChangeTriggers.originDigits - digits.utf8.count) + digits
        }

        init(number: UInt64) { self.number = number }

        fileprivate init?(_ text: Substring.UTF8View) {
            guard text.count == ChangeTriggers.originDigits, let number = UInt64(Substring(text), radix: 16) else { return nil }
            self.number = number
        }
    }

    /// The text of a client's own notices. Nil for those that triggers send.
    var text: String? {
        switch self {
        case .probe(let probe): "h\(probe.origin.text) \(probe.number)"
        case .tags(let tags, let origin):
            "i\(origin?.text ?? "") " + tags.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",")
        case .everything(let origin): "a\(origin?.text ?? "")"
        case .table, .catalog: nil
        }
    }

    /// Returns nil for an unknown text. Anything may then have changed.
    init?(_ payload: [UInt8]) {
        guard let text = String(validating: payload, as: UTF8.self), let letter = text.utf8.first else { return nil }
        let rest = text.utf8.dropFirst()
        let end = rest.firstIndex(of: UInt8(ascii: " ")) ?? rest.endIndex
        let origin = end == rest.startIndex ? nil : Origin(rest[..<end])
        if end != rest.startIndex, origin == nil { return nil }
        let body = rest[end...].dropFirst()
        switch letter {
        case UInt8(ascii: "h"):
            guard let origin, let number = UInt64(Substring(body)) else { return nil }
            self = .probe(EchoProbe(origin: origin, number: number))
        case UInt8(ascii: "t"):
            var names = QuotedNames(body)
            guard let schema = names.next(), let name = names.next(), names.isAtEnd else { return nil }
            self = .table(schema: schema, name: name, origin: origin)
        case UInt8(ascii: "i"):
            let tags = body.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { Array($0) }
            if tags.contains(where: \.isEmpty) { return nil }
            self = .tags(tags, origin: origin)
        case UInt8(ascii: "a") where body.isEmpty: self = .everything(origin: origin)
        case UInt8(ascii: "c") where body.isEmpty: self = .catalog
        default: return nil
        }
    }
}

/// The names in `public."User"`: plain, or in double quotes with inner quotes doubled.
private struct QuotedNames {
    private var rest: Substring.UTF8View
    private static let quote = UInt8(ascii: "\"")
    private static let dot = UInt8(ascii: ".")
    private var hasBegun = false

    init(_ text: Substring.UTF8View) { rest = text }

    var isAtEnd: Bool { rest.isEmpty }

    /// Returns the next name. Nil if there is none.
    mutating func next() -> String? {
        if hasBegun, rest.popFirst() != Self.dot { return nil }
        hasBegun = true
        var bytes: [UInt8] = []
        if rest.first != Self.quote {
            while let byte = rest.first, byte != Self.dot, byte != Self.quote {
                bytes.append(byte)
                rest.removeFirst()
            }
            return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
        }
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == Self.quote {
                guard rest.first == Self.quote else { return String(validating: bytes, as: UTF8.self) }
                rest.removeFirst()
            }
            bytes.append(byte)
        }
        return nil
    }
}
