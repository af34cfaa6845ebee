import Schema
import Text

/// Names and strings in the schema language.
enum Identifier {
    /// Makes a schema name from a name in the database. Leading characters before the first letter are dropped, others become `_`.
    ///
    /// Empty if nothing remains.
    static func made(of name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            if result.isEmpty, !isLetter(scalar) { continue }
            result.unicodeScalars.append(isLetter(scalar) || isDigit(scalar) || scalar == "_" ? scalar : "_")
        }
        return result
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool { ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) }
    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Returns a string literal.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    /// Returns the name, or the name with a number that makes it different from all of `taken`. Adds it to `taken`.
    static func unique(_ name: String, _ taken: inout Set<ExactString>) -> String {
        var (result, number) = (name, 2)
        while !taken.insert(ExactString(result)).inserted {
            result = "\(name)_\(number)"
            number += 1
        }
        return result
    }
}

/// A column's type in the schema language.
struct FieldTypeText: Equatable {
    /// `String`, the name of an enum, or `Unsupported("tsvector")`.
    var name: String
    /// `@db.VarChar(40)`. Nil if the type is Prisma's default for the scalar.
    var attribute: String?
    var scalar: ScalarType?
    var isUnsupported: Bool { name.utf8.starts(with: "Unsupported(".utf8) }

    /// - Parameter enumName: returns the schema's name of an enum; nil if the schema has none.
    init(_ type: StorageType, isList: Bool, datasource: String, enumName: (ObjectName) -> String?) {
        // Why: Prisma writes PostgreSQL's name of the array type.
        let mark = isList ? "_" : ""
        switch type {
        case .native(let native):
            name = native.name.scalar.rawValue
            scalar = native.name.scalar
            if native != .standard(for: native.name.scalar) { attribute = "@\(datasource).\(Self.text(of: native))" }
        case .enumeration(let type): name = enumName(type) ?? "Unsupported(\(Identifier.quoted(mark + type.name)))"
        case .other where !isList && type.isSingleByte: (name, scalar, attribute) = ("String", .string, "@\(datasource).Char")
        // Why with its arguments: without them it is a type that the language has a word for.
        case .other(let type, let text) where type.isExactly("numeric") && !isList: name = "Unsupported(\(Identifier.quoted(text)))"
        case .other(let type, _): name = "Unsupported(\(Identifier.quoted(mark + type)))"
        }
    }

    static func text(of native: NativeType) -> String {
        let arguments = native.arguments.map(String.init).joined(separator: ", ")
        return native.name.rawValue + (arguments.isEmpty ? "" : "(\(arguments))")
    }
}
