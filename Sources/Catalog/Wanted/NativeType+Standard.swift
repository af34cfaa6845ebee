package import Schema
import Text

extension NativeType {
    /// Returns Prisma's native type of a scalar, which is used if the schema names none.
    package static func standard(for scalar: ScalarType) -> NativeType {
        switch scalar {
        case .string: NativeType(.text)
        case .boolean: NativeType(.boolean)
        case .int: NativeType(.integer)
        case .bigInt: NativeType(.bigInt)
        case .float: NativeType(.doublePrecision)
        case .decimal: NativeType(.decimal, [65, 30])
        case .dateTime: NativeType(.timestamp, [3])
        case .json: NativeType(.jsonB)
        case .bytes: NativeType(.byteA)
        }
    }

    /// The type with the arguments that PostgreSQL adds if none are written.
    package var completed: NativeType {
        if name == .decimal, arguments.count == 1 { return NativeType(name, arguments + [0]) }
        guard arguments.isEmpty else { return self }
        switch name {
        case .char, .bit: return NativeType(name, [1])
        case .timestamp, .timestamptz, .time, .timetz: return NativeType(name, [6])
        default: return self
        }
    }
}

extension StorageType {
    /// The type of `Unsupported("geometry(Point,4326)")`, and of an element of `Unsupported("_geometry")[]`, which names the array type.
    static func unsupported(_ text: String, isList: Bool) -> StorageType {
        let text = isList && text.utf8.first == UInt8(ascii: "_") && text.utf8.count > 1 ? String(text.dropFirst()) : text
        return .other(name: String(text.prefix { $0 != "(" && $0 != " " }), text: text)
    }
}

enum MomentText {
    /// Returns the moment with a blank instead of `T`, a blank before the zone, and 3, 6 or 9 decimals. Returns any other text unchanged.
    static func inWords(of text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count > 19, bytes[10] == UInt8(ascii: "T"), let zone = bytes[19...].firstIndex(where: { [0x5A, 0x2B, 0x2D].contains($0) })
        else { return text }
        var digits = Array(bytes[19..<zone].dropFirst())
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        while !digits.count.isMultiple(of: 3) { digits.append(UInt8(ascii: "0")) }
        let fraction = digits.isEmpty ? [] : [UInt8(ascii: ".")] + digits
        let ending = bytes[zone] == 0x5A ? "+00:00" : String(decoding: bytes[zone...], as: UTF8.self)
        return String(decoding: bytes[..<10] + [UInt8(ascii: " ")] + bytes[11..<19] + fraction, as: UTF8.self) + " " + ending
    }
}

enum Base64Text {
    static func bytes(_ text: String) -> [UInt8]? {
        var decoded = ByteBuffer(capacity: text.utf8.count + 4)
        guard Array(text.utf8).withUnsafeBytes({ Base64.write(hexOf: $0, into: &decoded) }) else { return nil }
        let digits = decoded.string()
        var bytes: [UInt8] = []
        var rest = digits.utf8.starts(with: "\\x".utf8) ? digits.utf8.dropFirst(2) : digits.utf8[...]
        while rest.count >= 2 {
            guard let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}

extension OperatorClass {
    /// Returns PostgreSQL's name of an operator class. Nil if an index of that method uses it by default.
    package static func databaseName(_ name: String, in method: IndexType, for field: Field) -> String? {
        guard let known = named(name) else { return name.isEmpty ? nil : name }
        return known.isDefault(in: method) ? nil : known.databaseName
    }
}
