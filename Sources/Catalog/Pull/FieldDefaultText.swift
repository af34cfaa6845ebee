import Schema
import Text

/// Makes the argument of `@default(…)`.
struct FieldDefaultText {
    let column: Column
    let type: FieldTypeText
    /// Returns the schema name of an enum label.
    let valueName: (String) -> String?
    /// The default of the field in the present schema.
    let present: DefaultValue?

    /// Nil if there is no default.
    var text: String? {
        if let expression = column.generation { return Self.databaseText(expression) }
        if column.identity != nil, isWhole { return "autoincrement()" }
        guard let value = column.defaultValue else { return clientText }
        switch value {
        case .now: return type.scalar == .dateTime && !column.isList ? "now()" : asItStands
        case .sequence: return isWhole && !column.isList ? "autoincrement()" : asItStands
        case .expression(let text): return Self.databaseText(text)
        case .anything: return "dbgenerated()"
        case .constant(let constant): return column.isList ? asItStands : text(of: constant) ?? asItStands
        case .list(let constants):
            let texts = constants.map { text(of: $0) }
            let known = texts.compactMap(\.self)
            return known.count == texts.count ? "[\(known.joined(separator: ", "))]" : asItStands
        }
    }

    private var isWhole: Bool { type.scalar == .int || type.scalar == .bigInt }
    private var asItStands: String? { column.defaultText.map { Self.databaseText($0) } }

    private static func databaseText(_ expression: String) -> String { "dbgenerated(\(Identifier.quoted(expression)))" }

    /// A default that Prisma's client fills in. The database does not know it.
    private var clientText: String? {
        guard type.scalar == .string, !column.isList else { return nil }
        switch present {
        case .uuid(let version)?: return version == 4 ? "uuid()" : "uuid(\(version))"
        case .cuid(let version)?: return version == 1 ? "cuid()" : "cuid(\(version))"
        case .ulid?: return "ulid()"
        case .nanoid(let length)?: return length == 21 ? "nanoid()" : "nanoid(\(length))"
        default: return nil
        }
    }

    /// Nil if a literal of the field's type cannot express the constant.
    private func text(of constant: Constant) -> String? {
        switch (constant, type.scalar) {
        case (.label(let label), nil): return valueName(label)
        case (.truth(let truth), .boolean): return truth ? "true" : "false"
        case (.number(let text), .int), (.number(let text), .bigInt): return fits(text) ? Self.number(text) : nil
        case (.number(let text), .float), (.number(let text), .decimal): return Self.number(text)
        case (.bytes(let bytes), .bytes): return Identifier.quoted(Self.base64(bytes))
        case (.text(let text), .string): return Identifier.quoted(text)
        case (.text(let text), .json): return (try? JSONDocument(scanning: text)) == nil ? nil : Identifier.quoted(text)
        default: return nil
        }
    }

    /// True if the integer fits the field's type. PostgreSQL checks that only when a record takes the default.
    private func fits(_ text: String) -> Bool {
        guard let number = Int64(text) else { return false }
        guard type.scalar == .int else { return true }
        let native: NativeType.Name? = if case .native(let native) = column.type { native.name } else { nil }
        return NativeType.Name.wholeRange(native).contains(number)
    }

    /// Returns the number if the language can write it: a sign, digits, a fraction.
    private static func number(_ text: String) -> String? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return nil }
        return text
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var buffer = ByteBuffer(capacity: 2 * bytes.count + 4)
        bytes.withUnsafeBytes { buffer.append(base64: $0) }
        return buffer.string()
    }
}
